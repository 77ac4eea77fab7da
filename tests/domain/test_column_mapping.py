import pytest

from tracker.domain.column_mapping import ColumnMapping, Meaning, WrongMapping, guess, mapping_from, with_names
from tracker.domain.table_file import Table, read_table
from tracker.domain.text_file import Encoding
from tracker.domain.written_time import DayOrder


def table(text: str) -> Table:
    return read_table(text.encode())


def guessed(text: str) -> tuple[list[str], bool]:
    found = guess(table(text))
    return [meaning.value for meaning in found.mapping.columns], found.is_sure


@pytest.mark.parametrize(
    ("header", "row", "meanings"),
    [
        pytest.param("Date,Time,Pain level,Notes", "2024-03-01,07:30,4,x", "day time pain note", id="English"),
        pytest.param("Datum;Uhrzeit;Schmerzstärke;Bemerkung", "1.3.2024;7:30;4;x", "day time pain note", id="German"),
        pytest.param("Jour;Heure;Douleur;Commentaire", "01/03/2024;7h30;4;x", "day time pain note", id="French"),
        pytest.param("Fecha;Hora;Dolor;Observación", "13/03/2024;7:30;4;x", "day time pain note", id="Spanish"),
        pytest.param("Data;Ora;Dolore;Commento", "13/03/2024;7:30;4;x", "day time pain note", id="Italian"),
        pytest.param("Datum;Tijd;Pijnscore;Opmerking", "13-03-2024;7:30;4;x", "day time pain note", id="Dutch"),
        pytest.param("Data;Hora;Dor;Observação", "13/03/2024;7:30;4;x", "day time pain note", id="Portuguese"),
        pytest.param(
            "Schlaf;Stimmung;Ort;Linderung;Tag;Schmerz",
            "3;4;Nacken;Wärme;1.3.2024;4",
            "sleep mood site helped day pain",
            id="the rest",
        ),
        pytest.param(
            "sommeil;humeur;gêne;jour;douleur", "3;4;5;1.3.2024;4", "sleep mood interference day pain", id="beside it"
        ),
        pytest.param("Timestamp,NRS", "2024-03-01 07:30,4", "day_and_time pain", id="a moment"),
        pytest.param("Time,NRS", "2024-03-01 07:30,4", "day_and_time pain", id="a moment that is called a time"),
        pytest.param("Date,NRS", "2024-03-01 00:00:00,4", "day pain", id="midnight behind a day"),
        pytest.param(
            "date,pain,pain site,pain note,painkillers",
            "2024-03-01,4,neck,x,2",
            "day pain site note ignore",
            id="about the pain",
        ),
        pytest.param(
            "date,pain,sleep hours,notes,comments",
            "2024-03-01,4,7.5,x,y",
            "day pain ignore note add_to_note",
            id="two notes",
        ),
        pytest.param(
            "date,pain,weather,mood", "2024-03-01,4,rain,fine", "day pain ignore ignore", id="a mood in words"
        ),
    ],
)
def test_names_tell_what_columns_hold(header, row, meanings):
    assert guessed(f"{header}\n{row}\n") == (meanings.split(), True)


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        pytest.param("2024-03-01,3\n2024-03-02,4\n", "day pain", id="no header"),
        pytest.param("2024-03-01,07:30,3,fine\n", "day time pain ignore", id="no header, and a time"),
        pytest.param("alpha,beta\n2024-03-01,3\n", "day pain", id="a header that says nothing"),
        pytest.param("date,x,y\n2024-03-01,3,4\n", "day ignore ignore", id="two columns that may be the rating"),
        pytest.param("date,am pain,pm pain\n2024-03-01,3,4\n", "day pain ignore", id="two ratings by name"),
        pytest.param("date,pain,Date\n2024-03-01,3,2024-03-01\n", "day pain ignore", id="two days by name"),
    ],
)
def test_what_only_values_or_doubtful_names_tell_has_to_be_checked(text, meanings):
    columns, is_sure = guessed(text)
    assert columns == meanings.split()
    assert not is_sure or "pain" not in columns


def test_a_first_line_of_values_is_no_header():
    assert guess(table("2024-03-01,3,pain in the neck\n")).mapping.has_header is False
    assert guess(table("day,pain\n2024-03-01,3\n")).mapping.has_header is True


def test_what_is_said_of_some_columns_by_name_wins():
    guessed = guess(table("date,pain,rating\n2024-03-01,3,4\n")).mapping
    said = with_names(guessed, ["date", "pain", "rating"], {"Rating": Meaning.PAIN_TO_100})
    assert said.columns == (Meaning.DAY, Meaning.IGNORE, Meaning.PAIN_TO_100)
    with pytest.raises(WrongMapping, match="colour"):
        with_names(guessed, ["date", "pain", "rating"], {"colour": Meaning.NOTE})


def test_a_meaning_may_be_given_once():
    for twice in ((Meaning.PAIN, Meaning.PAIN_TO_100), (Meaning.DAY, Meaning.MOMENT), (Meaning.NOTE, Meaning.NOTE)):
        with pytest.raises(WrongMapping):
            ColumnMapping(columns=twice)
    assert ColumnMapping(columns=(Meaning.TO_NOTE, Meaning.TO_NOTE, Meaning.IGNORE, Meaning.IGNORE))


def test_a_mapping_comes_back_as_it_was():
    mapping = ColumnMapping(
        columns=(Meaning.DAY, Meaning.PAIN_TO_5),
        has_header=False,
        day_order=DayOrder.MONTH_FIRST,
        encoding=Encoding.MAC,
        leave_out_unrated=True,
    )
    assert mapping_from(mapping.plain()) == mapping


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        "x",
        {},
        {"columns": []},
        {"columns": "day"},
        {"columns": [1]},
        {"columns": [[]]},
        {"columns": ["day", "colour"]},
        {"columns": ["day"], "more": 1},
        {"columns": ["day"], "has_header": "yes"},
        {"columns": ["day"], "day_order": "year_first"},
        {"columns": ["day"], "day_order": {}},
        {"columns": ["day"], "encoding": "utf-7"},
        {"columns": ["ignore"] * 61},
    ],
)
def test_what_is_no_mapping_is_refused(said):
    with pytest.raises(WrongMapping):
        mapping_from(said)
