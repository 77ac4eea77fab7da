"""What a screen must find in free text, what it must leave alone, and that it never changes a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.naughty import STRINGS
from tracker.domain.screening import MASK, Doubt, Screen

OWN = Screen(
    diagnoses=["Thoracic facet joint arthrosis (T6/7)", "Kaltenborn syndrome"],
    people=["Dr. Amelia Quarshie", "Ben Okonjo"],
    places=["Rosenhof"],
)


def doubts(text: str) -> set[Doubt]:
    return {finding.doubt for finding in OWN.findings(text)}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Slipped\ndisc again, I guess", id="over a line"),
        pytest.param("maybe sco\u200bliosis", id="invisible signs"),
        pytest.param("S C O L I O S I S", id="letters apart"),
        pytest.param("spondy-\nlosis", id="broken word"),
        pytest.param("fibromialgia", id="misspelt"),
        pytest.param("Scheuermans", id="misspelt name of a person"),
        pytest.param("arthr0sis", id="digits for letters"),
        pytest.param("\u0405\u0441\u043eliosis", id="letters of another alphabet"),
        pytest.param("ｓｃｏｌｉｏｓｉｓ", id="wide letters"),
        pytest.param("scólïosis", id="accents"),
        pytest.param("SCOLIOSIS", id="capitals"),
        pytest.param("an old whiplash", id="an everyday name"),
        pytest.param("wear and tear", id="a phrase"),
        pytest.param("I have DDD", id="an abbreviation"),
        pytest.param("kaltenborns", id="this patient's own"),
    ],
)
def test_a_diagnosis_is_found_however_it_is_written(text: str) -> None:
    assert Doubt.DIAGNOSIS in doubts(text)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Saw Dr. Weber today", Doubt.CLINICIAN),
        ("Quarshie was late", Doubt.CLINICIAN),
        ("my rheumatologist", Doubt.CLINICIAN),
        ("at Rosenhof on Monday", Doubt.INSTITUTION),
        ("the pain clinic", Doubt.INSTITUTION),
        ("they said it would pass", Doubt.CONCLUSION),
        ("the MRI was normal", Doubt.CONCLUSION),
        ("it is all in my head", Doubt.CONCLUSION),
        ("code M54.6", Doubt.CODE),
        ("at T6/7", Doubt.CODE),
    ],
)
def test_people_places_and_conclusions_are_found(text: str, doubt: Doubt) -> None:
    assert doubt in doubts(text)


@pytest.mark.parametrize(
    "text",
    [
        "Walked 20 minutes, pain eased after a warm bath.",
        "Bad night, woke up at 4 and could not lie on my left side.",
        "Sitting at the desk for two hours makes it worse between my shoulder blades.",
        "Took ibuprofen 400 after lunch.",
        "Managed to cook dinner and play with the kids!",
        "Still hurts when I turn.",
        "It is cold and rainy, my back is stiff in the morning.",
        "Felt a sharp sting when coughing, burning on the right under the ribs.",
        "I was afraid it would never end.",
        "Did the exercises, then physiotherapy.",
        "Numb feet after the long drive; better after stretching.",
        "Slept 7 hours, mood good.",
    ],
)
def test_an_ordinary_note_is_left_alone(text: str) -> None:
    assert not doubts(text)


def test_a_diagnosis_of_everyday_words_counts_as_a_whole() -> None:
    screen = Screen(diagnoses=["Weak muscles, left side", "Stiff joints between ribs"])
    held_back = [
        one.text.strip()
        for one in screen.sentences(
            "He called it weak muscles, left side. It hurts between the blades. My left side is stiff. Stiff joints between ribs!"
        )
        if one.is_in_doubt
    ]
    assert held_back == ["He called it weak muscles, left side.", "Stiff joints between ribs!"]


def test_a_name_stays_with_its_title() -> None:
    first, second = OWN.sentences("I saw Dr. Weber. He was kind.")
    assert (first.text, first.is_in_doubt, second.is_in_doubt) == ("I saw Dr. Weber. ", True, False)


def test_only_what_is_in_doubt_is_blanked_out() -> None:
    assert OWN.masked("Discectomy in 2010 for a herniated disc, pacemaker") == (
        f"Discectomy in 2010 for a {MASK}, pacemaker"
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Fusion L4/L5 in 2019, cage and four screws", id="levels of the spine"),
        pytest.param(
            "Discectomy for a herniated disc, Carpal Tunnel Release, Bypass Surgery", id="named after a disease"
        ),
        pytest.param(
            "ACL repair, gallbladder removal, Lumbar Spine fusion, Open Heart Surgery", id="parts of the body"
        ),
        pytest.param("Malignant hyperthermia in my family. No anaesthetic gas.", id="an allergy that kills"),
        pytest.param("Rheumatrex 10 mg, Arthrotec, Embolex, MS Contin, St John's wort, D3", id="names of medicines"),
        pytest.param("St. Jude valve, mechanical, 2015", id="an implant called after a saint"),
    ],
)
def test_what_could_do_harm_stands_as_it_was_written(text: str) -> None:
    assert OWN.without_names(text) == text


def test_a_part_of_the_body_stays_where_a_clinic_is_called_so() -> None:
    screen = Screen(people=["Dr Stone"], places=["Hip and Spine house, second floor, Rosenhof"])
    assert screen.without_names("Second hip replaced by Dr Stone, Rosenhof") == f"Second hip replaced by {MASK}, {MASK}"


def test_what_somebody_is_does_not_count_as_a_name() -> None:
    screen = Screen(people=["Dr Almeida, physical medicine", "Marques, family doctor"], places=["Practice by the park"])
    text = "No trouble with any medicine so far. Malignant hyperthermia in my family. Hit by a car in the park, as Almeida says."
    assert screen.without_names(text) == text.replace("Almeida", MASK)


def test_a_name_without_capitals_counts_too() -> None:
    assert Screen(people=["silva"]).without_names("Mesh, by Silva") == f"Mesh, by {MASK}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("Fusion L4/L5 (Dr. Weber)", f"Fusion L4/L5 ({MASK})", id="with a title"),
        pytest.param("Bypass at Ashfield Hospital", f"Bypass at {MASK}", id="a hospital"),
        pytest.param("Hernia mesh, Anne Hall MD", f"Hernia mesh, Anne {MASK}", id="letters after the name"),
    ],
)
def test_names_of_people_and_places_do_not(text: str, told: str) -> None:
    assert OWN.without_names(text) == told


def test_another_wording_is_another_sentence() -> None:
    one, other = (OWN.sentences(text)[0] for text in ("My scoliosis.", "My old scoliosis."))
    assert one.digest != other.digest


@pytest.mark.parametrize("text", STRINGS)
def test_hostile_text_comes_back_whole(text: str) -> None:
    assert "".join(sentence.text for sentence in OWN.sentences(text)) == text


@given(st.text(max_size=400))
def test_any_text_comes_back_whole_and_every_finding_lies_in_its_sentence(text: str) -> None:
    sentences = OWN.sentences(text)
    assert "".join(sentence.text for sentence in sentences) == text
    assert all(0 <= f.start < f.end <= len(s.text) for s in sentences for f in s.findings)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_name_among_any_words_is_held_back(before: str, after: str) -> None:
    sentences = OWN.sentences(f"{before} spondylolisthesis {after}")
    assert not any("spondylolisthesis" in s.text for s in sentences if not s.is_in_doubt)
