import pytest

from tracker.domain.log_faults import Fault, WrongTable
from tracker.domain.table_file import MAX_COLUMNS, MAX_ROWS, read_table


def fault_of(content: bytes) -> tuple[Fault, int]:
    with pytest.raises(WrongTable) as refused:
        read_table(content)
    return refused.value.problem.fault, refused.value.problem.line


@pytest.mark.parametrize(
    ("content", "fault", "line"),
    [
        pytest.param(b"", Fault.EMPTY, 1, id="nothing"),
        pytest.param(b"\xef\xbb\xbf\n\n", Fault.EMPTY, 1, id="only a byte-order mark"),
        pytest.param(b",,\n,,\n", Fault.EMPTY, 1, id="only separators"),
        pytest.param(b'day,pain\n"2026-03-01,3\n', Fault.BROKEN_QUOTES, 2, id="a quotation mark never closed"),
        pytest.param(b"day,pain\n2026-03-01," + b"x" * 200_000, Fault.BROKEN_QUOTES, 2, id="a huge value"),
        pytest.param(b"," * MAX_COLUMNS + b"x", Fault.TOO_MANY_COLUMNS, 1, id="too many columns"),
        pytest.param(b"day,pain\n" + b"2026-03-01,3\n" * (MAX_ROWS + 1), Fault.TOO_MANY_ROWS, MAX_ROWS + 2, id="rows"),
    ],
)
def test_what_is_no_table_is_refused(content, fault, line):
    assert fault_of(content) == (fault, line)


@pytest.mark.parametrize(
    ("text", "separator", "n_columns"),
    [
        ("day,pain\n1,2\n", ",", 2),
        ("Tag;Schmerz;Notiz\n1;3,5;ja, nein, vielleicht\n", ";", 3),
        ("1.3.2026;3,5\n2.3.2026;4,5\n", ";", 2),
        ("day\tpain\n1, 2\t3\n", "\t", 2),
        ("day|pain\n1|3\n", "|", 2),
        ('day,note\n1,"a;b\n;c"\n', ",", 2),
        ("day, the one;pain\n1;2\n3;4\n", ";", 2),
        ("sep=;\r\nday;pain\n1;2\n", ";", 2),
        ("day,pain,note\n1,2,a;b\n1,2,c;d\n", ",", 3),
    ],
)
def test_what_separates_the_cells_is_found(text, separator, n_columns):
    table = read_table(text.encode())
    assert (table.separator, table.n_columns) == (separator, n_columns)


def test_lines_keep_the_number_that_they_have_in_the_file():
    table = read_table(b'sep=,\n\nday,note\n1,"two\nlines"\n\n2,x\n')
    assert [line.number for line in table.lines] == [3, 4, 7]


def test_the_same_first_line_has_the_same_digest():
    first, second, other = (read_table(text).digest for text in (b"a,b\n1,2\n", b" a ;b\n3;4\n", b"ab\n1\n"))
    assert first == second != other


def test_excel_text_is_a_table():
    table = read_table("Tag\tSchmerz\r\n01.03.2026\t3,5\r\n".encode("utf-16"))
    assert [line.cells for line in table.lines] == [["Tag", "Schmerz"], ["01.03.2026", "3,5"]]
