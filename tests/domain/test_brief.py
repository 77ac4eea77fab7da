"""What of a free text goes into a brief, and what can never be left out of one."""

from tracker.domain.brief import MAY_BE_LEFT_OUT, NEVER_LEFT_OUT, Part, handed_over
from tracker.domain.screening import Screen

SCREEN = Screen(people=["Dr. Quarshie"])
TEXT = "It began in May. Dr. Quarshie called it scoliosis. Lifting makes it worse."


def test_a_sentence_in_doubt_is_held_back_and_counted() -> None:
    passage = handed_over(TEXT, screen=SCREEN, decided={})
    assert (passage.text, passage.n_held_back) == ("It began in May. Lifting makes it worse.", 1)


def test_the_patient_may_show_it() -> None:
    doubtful = SCREEN.sentences(TEXT)[1]
    assert handed_over(TEXT, screen=SCREEN, decided={doubtful.digest: "show"}).text == TEXT


def test_the_patient_may_hold_back_what_is_not_in_doubt() -> None:
    harmless = SCREEN.sentences(TEXT)[0]
    passage = handed_over(TEXT, screen=SCREEN, decided={harmless.digest: "hold_back"})
    assert (passage.text, passage.n_held_back) == ("Lifting makes it worse.", 2)


def test_a_decision_does_not_hold_for_another_wording() -> None:
    doubtful = SCREEN.sentences(TEXT)[1]
    other = TEXT.replace("called it", "named it")
    assert "scoliosis" not in handed_over(other, screen=SCREEN, decided={doubtful.digest: "show"}).text


def test_safety_is_never_left_out() -> None:
    must = {Part.RED_FLAGS, Part.FACTS, Part.MEDICINES, Part.ALLERGIES, Part.OPERATIONS}
    assert must <= NEVER_LEFT_OUT
    assert not must & set(MAY_BE_LEFT_OUT)
