"""The summary on paper: one page 1 whatever was written, text that can be read out, no empty boxes."""

import io
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pypdf
import pytest

from assessments import services as checkups
from tests.engine.walking import STRAIN, walk
from tests.tracker.naughty import STRINGS
from tests.tracker.records import MARKER, NOW, TODAY, fill
from tracker.domain import health
from tracker.domain.brief import AnswerLine, Brief, MedicineLine, Passage, TriedLine
from tracker.services import brief_words, briefs, summary_pdf
from tracker.services.brief_labels import RED_FLAG_LABELS
from tracker.services.summary_pdf import FONTS, MISSING, MOST_MARKS, Paper, showable

SCRIPTS = {
    "Latin": "Zażółć gęślą jaźń, ça va, ğüş, Ốm",
    "Greek": "πόνος στην πλάτη",
    "Cyrillic": "боль в спине, їжак",
    "Hebrew": "כאב גב",
    "Arabic": "ألم الظهر",
    "Armenian": "ցավ",
    "Georgian": "ტკივილი",
    "Devanagari": "दर्द",
    "Bengali": "ব্যথা",
    "Tamil": "வலி",
    "Thai": "ปวดหลัง",
    "Chinese": "背痛",
    "Japanese": "腰が痛い",
    "Korean": "허리 통증",
    "emoji": "🔥😖",
}
LONG = {"words": "word " * 2_000, "one word": "x" * 10_000, "Japanese": "痛みが続いています。" * 1_000}


def brief_of(person, **said) -> Brief:
    said = {"first_day": TODAY - timedelta(days=83), "last_day": TODAY, "on": TODAY} | said
    return briefs.brief(patient=person.patient, **said)


def read(brief: Brief, *, paper: Paper = Paper.A4) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(summary_pdf.pdf(brief_words.sheet(brief), paper=paper)))


def texts(pdf: pypdf.PdfReader) -> list[str]:
    return [page.extract_text() for page in pdf.pages]


def appendix_of(pages: list[str]) -> int:
    """On which page, from 0, the appendix begins."""
    return next(n for n, text in enumerate(pages) if "Appendix: everything in full" in text)


def overfull(brief: Brief, words: str) -> Brief:
    """As much as a record can hold of everything, each text as long as its field."""
    passage = Passage(text=words, n_held_back=12)
    attempt = {"treatment_type": "Massage", "treatment_class": "hands_on", "site": "", "trial_days": 28, "n_days": 90}
    attempt |= {"stop_reason": "no_help", "is_fair_trial": None, "adherence": 0.5, "before": 6.2, "now": 5.4}
    attempt |= {"outcome": "cant_tell", "reason": "varies_too_much", "dose": words[:120], "started_on": TODAY}
    tried = tuple(
        TriedLine(
            uuid=uuid4(),
            own_words=Passage(text=words[:120]),
            side_effects=Passage(text=words[:500], n_held_back=2),
            stopped_on=TODAY + timedelta(days=90),
            **attempt,
        )
        for _ in range(15)
    )
    medicine = {"name": words[:120], "dose": words[:120], "is_as_needed": True, "started_on": TODAY}
    return replace(
        brief,
        **dict.fromkeys(("question", "goal", "worry", "conditions", "operations", "implants", "allergies"), passage),
        name=words[:80],
        tried=tried,
        medicines=(MedicineLine(**medicine, stopped_on=None, n_days_taken=3),) * 15,
        red_flags=tuple(AnswerLine(question="?", answer="Unsure", on=TODAY, key=key) for key in RED_FLAG_LABELS),
        story=tuple(
            AnswerLine(question="?", answer="It began after a lift; " * 12, on=TODAY, key=key)
            for key in ("where", "changes", "feels")
        ),
        facts=tuple((key, "yes") for key in health.FACT_KEYS),
    )


class TestThePage:
    @pytest.mark.parametrize("paper", Paper)
    def test_of_an_empty_record_is_one_page_and_says_what_is_not_known(self, alice, paper):
        pages = texts(read(brief_of(alice), paper=paper))
        assert appendix_of(pages) == 1
        assert "nothing was logged in this period" in pages[0]
        assert "Not asked" in pages[0]

    def test_of_a_full_record_tells_what_was_said(self, alice):
        fill(alice)
        first = texts(read(brief_of(alice, question="What else could it be?", goal="Garden again")))[0]
        told = ("What else could it be?", "Garden again", MARKER, "days logged", "No, ", "PEG", "sleep 7.0 of 10")
        assert [words for words in told if words.lower() not in first.lower()] == []

    def test_of_a_list_of_alarm_signs_names_what_was_ticked_and_nothing_else_as_found(self, alice):
        signs = {"on": TODAY, "key": "conditions", "not_ticked": ("Cancer, now or ever", "Diabetes")}
        ticked = AnswerLine(question="Does any of this apply?", answer="Osteoporosis", **signs)
        sheet = brief_words.sheet(replace(brief_of(alice), red_flags=(ticked,)))
        (alarm,) = [block for block in sheet.first_pages[0].blocks if block.title == "Alarm signs"]
        (_, found), (_, denied) = alarm.rows
        assert found == "Osteoporosis"
        assert denied.startswith("nothing else of: cancer")
        (asked,) = [block for block in sheet.appendix if block.title == "Alarm questions as they were asked"]
        assert asked.rows[0][1] == "Osteoporosis\nNot ticked: Cancer, now or ever; Diabetes"

    @pytest.mark.parametrize(("ticked", "is_denied"), [(["nsaid"], True), (["nsaid", "unsure"], False)])
    def test_the_rest_of_a_list_is_denied_unless_the_patient_is_unsure(self, alice, ticked, is_denied):
        checkup = checkups.start(by=alice.user, at=NOW, known=walk(STRAIN | {"conditions": ticked}))
        checkups.finish(by=alice.user, uuid=checkup.uuid, at=NOW)
        (line,) = [flag for flag in brief_of(alice).red_flags if flag.key == "conditions"]
        assert ("Cancer, now or ever" in line.not_ticked) == is_denied

    @pytest.mark.parametrize("paper", Paper)
    @pytest.mark.parametrize("words", LONG.values(), ids=LONG)
    def test_stays_one_page_and_says_what_is_in_the_appendix(self, alice, paper, words):
        brief = overfull(brief_of(alice), words)
        sheet = brief_words.sheet(brief)
        shortest = replace(sheet, first_pages=sheet.first_pages[-1:], appendix=())
        made = pypdf.PdfReader(io.BytesIO(summary_pdf.pdf(shortest, paper=paper)))
        assert appendix_of(texts(made)) == 1
        assert "12 more treatments" in sheet.first_pages[-1].more

    def test_loses_nothing_to_the_appendix(self, alice):
        brief = overfull(brief_of(alice), " ".join(f"word{n}" for n in range(900)))
        appendix = brief_words.sheet(brief).appendix
        cells = " ".join(cell for block in appendix for row in block.rows for cell in row)
        assert cells.count("word899") == 7  # every long text to its last word
        assert sum(len(block.rows) for block in appendix if block.title in ("All treatments", "All medicines")) == 30


class TestTheFile:
    def test_is_tagged_named_and_has_its_language(self, alice):
        pdf = read(brief_of(alice))
        root = pdf.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"].startswith("en")
        assert root["/StructTreeRoot"]
        assert pdf.metadata.title == "Pain summary"
        assert pdf.xmp_metadata.stream.get_data().decode().count("pdfuaid:part") > 0

    def test_tells_the_picture_in_words(self, alice):
        fill(alice)
        brief = brief_of(alice)
        alternatives = [item["/Alt"] for item in _objects(read(brief)) if "/Alt" in item]
        assert any("weekly means with range" in words for words in alternatives)

    def test_brings_every_font_that_it_uses(self, alice):
        pdf = read(brief_of(alice))
        fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()]
        descriptors = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
        assert descriptors
        assert all({"/FontFile2", "/FontFile3"} & set(one) for one in descriptors)

    def test_says_nothing_in_its_metadata_but_what_it_is(self, alice):
        fill(alice)
        pdf = read(brief_of(alice, question="Is it scoliosis?"))
        told = " ".join(map(str, pdf.metadata.values())) + pdf.xmp_metadata.stream.get_data().decode()
        assert "scoliosis" not in told
        assert summary_pdf.filename(TODAY) == f"ebb-{TODAY}.pdf"

    @pytest.mark.parametrize(("paper", "size"), [(Paper.A4, (595, 842)), (Paper.LETTER, (612, 792))])
    def test_has_the_size_of_the_paper(self, alice, paper, size):
        box = read(brief_of(alice), paper=paper).pages[0].mediabox
        assert (round(box.width), round(box.height)) == size


def _objects(pdf: pypdf.PdfReader):
    """Every tag of the document, by walking its tree."""
    waiting = [pdf.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        one = waiting.pop().get_object()
        if isinstance(one, pypdf.generic.ArrayObject):
            waiting += [part for part in one if not isinstance(part, int)]
        elif isinstance(one, pypdf.generic.DictionaryObject):
            yield one
            if "/K" in one and not isinstance(one["/K"], int):
                waiting.append(one["/K"])


class TestAnyText:
    @pytest.mark.parametrize("words", SCRIPTS.values(), ids=SCRIPTS)
    def test_of_these_scripts_has_every_sign(self, words):
        assert MISSING not in showable(words)

    def test_without_a_font_is_shown_to_be_missing(self):
        assert showable("a\U0001e900b") == f"a{MISSING}b"

    def test_of_thousands_of_marks_on_one_sign_the_rest_is_said_to_be_missing(self):
        shown = showable("e" + "\u0301" * 9_000 + "x")
        assert shown.endswith(f"{MISSING}x")
        assert len(shown) <= MOST_MARKS + 3

    def test_whose_marks_have_no_font_keeps_its_letter(self):
        assert showable("0\u20e3") == "0\u20e3"  # a key, which the emoji have
        assert showable("क\u20e3") == f"क{MISSING}"

    def test_that_begins_at_the_right_comes_with_a_mark(self):
        assert showable("כאב") == "\u200fכאב"
        assert showable("pain כאב") == "pain כאב"

    def test_of_every_script_comes_out_of_the_file_as_it_went_in(self, alice):
        plain = {name: words for name, words in SCRIPTS.items() if name in ("Latin", "Greek", "Cyrillic", "Chinese")}
        told = texts(read(brief_of(alice, question=" | ".join(plain.values()))))[0].replace("\u200b", "")
        assert [name for name, words in plain.items() if words.split()[0] not in told] == []

    def test_is_laid_out_whatever_it_is(self, alice):
        """The file could not be made if a single sign had no font: PDF/UA forbids empty boxes."""
        naughty = [string for string in STRINGS if "\x00" not in string and len(string) < 500]
        question = "\n".join(naughty).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
        brief = brief_of(alice, question=question[:10_000], goal=" ".join(SCRIPTS.values()), worry=question[10_000:])
        pages = texts(read(brief))
        assert appendix_of(pages) == 1

    def test_is_never_markup(self, alice):
        hostile = '#panic("no") = Heading *bold* #read("/etc/passwd") $x^2$ <a> // \\ @ref'
        first = texts(read(brief_of(alice, question=hostile)))[0].replace("\u200b", "")
        assert "*bold*" in first and "$x^2$" in first


def test_the_fonts_have_what_the_list_says(alice):
    """The first and the last sign of each span; a sign without a font would break the making."""
    spans = [line.split("-") for line in (FONTS / "COVERAGE.txt").read_text().splitlines() if line.startswith(" ")]
    signs = [chr(int(end, 16)) for span in spans for end in span]
    words = " ".join(sign for sign in signs if sign.isprintable() and not sign.isspace())
    assert appendix_of(texts(read(brief_of(alice, question=words)))) == 1


@pytest.mark.parametrize("path", sorted(FONTS.glob("*.ttf")), ids=lambda path: path.name)
def test_the_fonts_are_those_that_were_checked(path):
    sums = dict(reversed(line.split()) for line in (FONTS / "SHA256SUMS").read_text().splitlines())
    assert sha256(path.read_bytes()).hexdigest() == sums[path.name]
