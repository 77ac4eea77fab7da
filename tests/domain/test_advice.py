"""Each trigger fires, and nearly fires; the order; what is never the first word."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid5

import pytest

from tracker.domain import advice
from tracker.domain.advice import Alarm, Facts, Kind, Label, Proposed, Score, Taken, Tried
from tracker.domain.substances import Drug, substance_of

ON = date(2026, 11, 23)


def ago(days: int) -> date:
    return ON - timedelta(days=days)


def key(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


def tried(name: str = "Naproxen", *, outcome: str = "", days: int = 40, **said) -> Tried:
    kind = {"type_key": "physiotherapy", "treatment_class": "movement", "nature": "corrective"}
    judged = {"outcome": outcome, "judged_on": ON if outcome else None, "days_passed": days, "days_logged": days}
    return Tried(**{"uuid": key(name), "name": name, "started_on": ago(days)} | kind | judged | said)


def tablets(name: str = "Naproxen", **said) -> Tried:
    kind = {"type_key": "oral_nsaid", "treatment_class": "medicine", "nature": "symptomatic", "is_prescribed": True}
    return tried(name, **kind | said)


def massage(name: str = "Massage", **said) -> Tried:
    return tried(name, **{"type_key": "massage", "treatment_class": "hands_on", "nature": "symptomatic"} | said)


def taken(name: str, *days_ago: int, **said) -> Taken:
    return Taken(uuid=key(name), name=name, days=frozenset(ago(n) for n in days_ago), **said)


def kinds(*attempts: Tried, **facts) -> list[str]:
    facts = {"pain_since": ago(400)} | facts
    return [piece.kind.value for piece in advice.advise(Facts(on=ON, tried=attempts, **facts))]


EXERCISES = tried("Exercises", days=300)  # so that something is meant to last


def test_an_empty_record_gives_nothing_to_say():
    assert kinds() == []
    assert advice.advise(Facts(on=ON)) == []


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        pytest.param(tried(outcome="not_working"), ["not_working"], id="not working"),
        pytest.param(tried(outcome="working"), [], id="working"),
        pytest.param(tried(outcome="not_working", judged_on=ago(7)), ["not_working"], id="judged a week ago"),
        pytest.param(tried(outcome="not_working", judged_on=ago(8)), [], id="old news"),
        pytest.param(tried(outcome="worse", worse_since=ago(13)), ["worse"], id="worse for 13 nights"),
        pytest.param(tried(outcome="worse", worse_since=ago(14)), ["still_worse", "worse"], id="worse for two weeks"),
        pytest.param(tried(outcome="cant_tell", reason="too_few_entries", days=14), ["log_more"], id="few entries"),
        pytest.param(tried(outcome="cant_tell", reason="too_few_entries", days=13), [], id="few entries, too early"),
        pytest.param(tried(outcome="cant_tell", reason="varies_too_much"), [], id="varies"),
    ],
)
def test_what_follows_from_one_verdict(attempt, said):
    assert kinds(attempt) == said


FAILED = tablets(outcome="not_working", judged_on=ago(60), days=100)


@pytest.mark.parametrize(
    ("attempts", "since", "is_advised"),
    [
        pytest.param((FAILED, tried("Yoga", outcome="not_working")), 90, True, id="two classes, three months"),
        pytest.param((FAILED, tried("Yoga", outcome="not_working")), 89, False, id="pain for less"),
        pytest.param((FAILED, tablets("Etoricoxib", outcome="not_working")), 400, False, id="the same class"),
        pytest.param((FAILED, tried("Yoga", outcome="not_working", days=94)), 400, False, id="begun in the same week"),
        pytest.param((FAILED, tried("Yoga", outcome="not_working", days=93)), 400, True, id="begun a week apart"),
        pytest.param((FAILED, tried("Yoga", outcome="cant_tell")), 400, False, id="one not fairly tried"),
        pytest.param((FAILED, tried("Yoga", outcome="not_working"), EXERCISES), 400, True, id="a third under way"),
    ],
)
def test_a_second_opinion_after_two_fair_trials(attempts, since, is_advised):
    assert (Kind.SECOND_OPINION in kinds(*attempts, pain_since=ago(since))) is is_advised


def test_it_is_about_the_newest_attempt_and_names_all_that_failed():
    yoga = tried("Yoga", outcome="not_working")
    (piece,) = [
        p for p in advice.advise(Facts(on=ON, tried=(FAILED, yoga), pain_since=ago(200))) if p.kind == "second_opinion"
    ]
    assert piece.evidence == f"attempt:{yoga.uuid}" and piece.because["names"] == ["Naproxen", "Yoga"]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"proposed": (Proposed(uuid=key("op"), name="Operation"),)}, id="noted as proposed"),
        pytest.param({"tried": (tried("Operation", treatment_class="procedure", days=-20),)}, id="planned for later"),
    ],
)
def test_any_proposed_procedure_leads_to_a_second_opinion_whatever_the_pain(facts):
    assert [piece.kind for piece in advice.advise(Facts(on=ON, **facts))] == [Kind.PROCEDURE]


def test_a_procedure_that_has_been_done_is_no_proposal():
    assert kinds(tried("Operation", treatment_class="procedure", days=20)) == []


DISCS = Label(uuid=key("discs"), name="Worn discs", basis="imaging", said_on=ago(50))


@pytest.mark.parametrize(
    ("label", "attempt", "is_advised"),
    [
        pytest.param(DISCS, tried(outcome="not_working", diagnosis=DISCS.uuid), True, id="for it"),
        pytest.param(DISCS, tried(outcome="not_working"), True, id="for none, begun after it"),
        pytest.param(DISCS, tried(outcome="not_working", days=60), False, id="for none, begun before it"),
        pytest.param(DISCS, tried(outcome="not_working", diagnosis=key("other")), False, id="for another"),
        pytest.param(DISCS, tried(outcome="working", diagnosis=DISCS.uuid), False, id="working"),
        pytest.param(
            replace(DISCS, basis="both"), tried(outcome="not_working", diagnosis=DISCS.uuid), False, id="examined too"
        ),
        pytest.param(
            replace(DISCS, basis=""), tried(outcome="not_working", diagnosis=DISCS.uuid), False, id="not said"
        ),
    ],
)
def test_a_label_from_a_picture_alone(label, attempt, is_advised):
    assert (Kind.IMAGING_LABEL in kinds(attempt, labels=(label,))) is is_advised


@pytest.mark.parametrize("days", [pytest.param(1, id="pressing"), pytest.param(7, id="within days")])
def test_an_alarm_that_nobody_looked_at_is_told_again_and_no_sooner(days):
    alarm = Alarm(checkup=key("checkup"), on=ago(days), is_pressing=days == 1)
    assert kinds(alarms=(alarm,)) == ["red_flag"]
    assert kinds(alarms=(replace(alarm, on=ago(days - 1)),)) == []


def test_worse_and_warning_signs_come_first_and_a_second_opinion_is_not_the_first_word():
    failed = (FAILED, tried("Yoga", outcome="not_working"))
    assert Kind.SECOND_OPINION in kinds(*failed)
    assert kinds(*failed, tried("Heat", outcome="worse"))[:2] == ["worse", "not_working"]
    assert Kind.SECOND_OPINION not in kinds(*failed, tried("Heat", outcome="worse"))
    open_alarm = Alarm(checkup=key("checkup"), on=ON, is_pressing=True)
    assert Kind.SECOND_OPINION not in kinds(*failed, labels=(DISCS,), alarms=(open_alarm,))


def peg(*values: float, last: int = 0) -> dict:
    n = len(values)
    return {
        "peg": tuple(Score(uuid=key(f"peg {i}"), on=ago(last + 7 * (n - 1 - i)), value=v) for i, v in enumerate(values))
    }


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        pytest.param({"scores": peg(7.0)}, ["severe"], id="PEG 7"),
        pytest.param({"scores": peg(6.9)}, [], id="PEG under 7"),
        pytest.param({"scores": peg(8.0, 5.0)}, [], id="better since"),
        pytest.param({"scores": peg(8.0, last=57)}, [], id="long ago"),
        pytest.param({"scores": peg(8.0), "pain_since": ago(89)}, [], id="pain for less than three months"),
        pytest.param({"scores": {"phq_4": peg(6.0)["peg"]}}, ["severe"], id="PHQ-4 of 6"),
        pytest.param({"scores": {"phq_4": peg(5.0)["peg"]}}, [], id="PHQ-4 of 5"),
    ],
)
def test_pain_that_weighs_heavily(facts, said):
    assert kinds(**facts) == said


def test_one_unbroken_row_of_high_scores_is_one_piece_of_evidence():
    def evidence(*values: float) -> str:
        return advice.advise(Facts(on=ON, pain_since=ago(200), scores=peg(*values)))[0].evidence

    assert evidence(8, 8) == evidence(8, 7, 9)
    assert evidence(8, 3, 8) != evidence(8, 8, 8)


@pytest.mark.parametrize(
    ("medicines", "is_told"),
    [
        pytest.param([taken("Ibuprofen 400", 2), taken("Naproxen", 2)], True, id="on one day"),
        pytest.param([taken("Ibuprofen 400", 2), taken("Naproxen", 3)], False, id="on two days"),
        pytest.param([taken("Ibuprofen 400", 2), taken("Ibuprofeno 200", 2)], False, id="the same substance"),
        pytest.param([taken("Ibuprofen 400", 2), taken("Diclofenac gel", 2)], False, id="one on the skin"),
        pytest.param([taken("Ibuprofen 400", 2), taken("Paracetamol", 2)], False, id="another group"),
        pytest.param([taken("Ibuprofen 400", 7), taken("Naproxen", 7)], False, id="more than a week ago"),
    ],
)
def test_two_anti_inflammatory_tablets_at_once(medicines, is_told):
    assert (Kind.TWO_NSAIDS in kinds(taken=tuple(medicines))) is is_told


def test_a_tablet_beside_a_treatment_of_another_substance_counts_too():
    assert Kind.TWO_NSAIDS in kinds(tablets("Naproxen"), EXERCISES, taken=(taken("Ibuprofen", 1),))
    assert Kind.TWO_NSAIDS not in kinds(tablets("Naproxen"), EXERCISES, taken=(taken("Naproxen", 1),))


@pytest.mark.parametrize(
    ("days", "is_told"),
    [
        pytest.param(range(11), True, id="11 in a row"),
        pytest.param(range(10), False, id="10 in a row"),
        pytest.param(range(0, 30, 2), True, id="15 of 30"),
        pytest.param(range(0, 28, 2), False, id="14 of 30"),
    ],
)
def test_self_bought_anti_inflammatory_tablets(days, is_told):
    assert (Kind.NSAID_DAYS in kinds(taken=(taken("Ibuprofen", *days),))) is is_told


def test_what_is_prescribed_is_left_to_the_prescriber():
    assert Kind.NSAID_DAYS not in kinds(tablets(), EXERCISES, taken=(taken("Naproxen", *range(30)),))
    assert Kind.NSAID_DAYS in kinds(tablets(is_prescribed=False, days=11), EXERCISES)
    assert Kind.NSAID_DAYS not in kinds(tablets(is_prescribed=False, days=9), EXERCISES)


def codeine(days: int, **said) -> Tried:
    return tablets("Codeine", type_key="opioid", days=days, **said)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        pytest.param({"attempts": [codeine(91)]}, ["opioid_long"], id="an opioid for 91 days"),
        pytest.param({"attempts": [codeine(90)]}, [], id="for 90"),
        pytest.param(
            {"attempts": [codeine(120, stopped_on=ago(40)), codeine(40)]}, ["opioid_long"], id="at another dose"
        ),
        pytest.param({"attempts": [codeine(120, stopped_on=ago(50)), codeine(40)]}, [], id="after a break"),
        pytest.param(
            {"taken": (taken("Tramadol", is_as_needed=False, started_on=ago(91)),)}, ["opioid_long"], id="listed"
        ),
        pytest.param({"taken": (taken("Tramadol", *range(14), started_on=ago(91)),)}, [], id="now and then"),
        pytest.param({"taken": (taken("Tramadol", *range(15), started_on=ago(91)),)}, ["opioid_long"], id="most days"),
        pytest.param(
            {"taken": (taken("Diazepam", is_as_needed=False, started_on=ago(29)),)}, ["relaxant_long"], id="29"
        ),
        pytest.param({"taken": (taken("Diazepam", is_as_needed=False, started_on=ago(28)),)}, [], id="28 days of it"),
        pytest.param(
            {"taken": (taken("Tizanidine", is_as_needed=False, started_on=ago(22)),)}, ["relaxant_long"], id="22"
        ),
        pytest.param({"taken": (taken("Tizanidine", is_as_needed=False, started_on=ago(21)),)}, [], id="21 days of it"),
    ],
)
def test_what_is_taken_for_longer_than_it_is_meant_for(facts, said):
    assert kinds(*facts.pop("attempts", []), EXERCISES, **facts) == said


@pytest.mark.parametrize(
    ("attempt", "is_told"),
    [
        pytest.param(massage(days=85, drop=0.29), True, id="12 weeks, under 30 %"),
        pytest.param(massage(days=84, drop=0.29), False, id="84 days"),
        pytest.param(massage(days=85, drop=0.30), False, id="30 %"),
        pytest.param(massage(days=85), False, id="change not known"),
        pytest.param(massage(days=85, drop=0.1, outcome="not_working"), False, id="has its own advice"),
        pytest.param(massage(days=85, drop=0.1, stopped_on=ago(1)), False, id="over"),
        pytest.param(tried(days=85, drop=0.1), False, id="done by the patient"),
    ],
)
def test_passive_care_for_three_months(attempt, is_told):
    assert (Kind.PASSIVE_CARE in kinds(attempt, EXERCISES)) is is_told


HEAT = massage("Heat", treatment_class="self_care", type_key="heat", days=84)


@pytest.mark.parametrize(
    ("attempts", "facts", "is_told"),
    [
        pytest.param([HEAT], {}, True, id="12 weeks of heat"),
        pytest.param([replace(HEAT, started_on=ago(83))], {}, False, id="one day less"),
        pytest.param([HEAT, EXERCISES], {}, False, id="exercises beside it"),
        pytest.param([HEAT, tried("Yoga", days=-5)], {}, False, id="yoga planned"),
        pytest.param([HEAT, tried("Yoga", days=200, stopped_on=ago(83))], {}, False, id="yoga within 12 weeks"),
        pytest.param([HEAT, tried("Yoga", days=200, stopped_on=ago(84))], {}, True, id="yoga before that"),
        pytest.param([HEAT], {"moved_on": ago(3)}, False, id="morning moves"),
        pytest.param([HEAT, massage("Mine", type_key="own")], {}, False, id="something of unknown nature"),
        pytest.param([replace(HEAT, stopped_on=ago(1))], {}, False, id="nothing in use"),
    ],
)
def test_nothing_in_the_plan_is_meant_to_last(attempts, facts, is_told):
    assert (Kind.NOTHING_LASTING in kinds(*attempts, **facts)) is is_told


@pytest.mark.parametrize(
    ("name", "drug"),
    [
        ("Ibuprofen 400 mg", Drug.NSAID),
        ("IBUPROFENO", Drug.NSAID),
        ("Co-codamol", Drug.OPIOID),
        ("Codéine", Drug.OPIOID),
        ("Fentanyl patch", Drug.OPIOID),
        ("Zopiclone 3.75", Drug.BENZODIAZEPINE),
        ("Methocarbamol", Drug.RELAXANT),
        ("Voltaren gel", None),
        ("Diclofenac-Salbe", None),
        ("Aspirin 100", None),
        ("Vitamin D", None),
        ("", None),
    ],
)
def test_a_substance_is_told_by_its_name_or_not_at_all(name, drug):
    found = substance_of(name)
    assert (found.drug if found else None) == drug


def test_the_order_is_that_of_the_kinds():
    pieces = advice.advise(
        Facts(
            on=ON,
            pain_since=ago(400),
            tried=(FAILED, tried("Yoga", outcome="not_working"), HEAT),
            proposed=(Proposed(uuid=key("op"), name="Operation"),),
            scores=peg(8),
        )
    )
    assert [piece.kind for piece in pieces] == ["not_working", "procedure", "second_opinion", "severe"]


@pytest.mark.parametrize(
    ("attempt", "kind", "is_said"),
    [
        pytest.param(tried(outcome="not_working"), Kind.NOT_WORKING, True, id="not working still"),
        pytest.param(tried(outcome="not_working", judged_on=ago(90)), Kind.NOT_WORKING, True, id="judged long ago"),
        pytest.param(tried(outcome="working"), Kind.NOT_WORKING, False, id="works meanwhile"),
        pytest.param(tried(outcome="cant_tell"), Kind.NOT_WORKING, False, id="in doubt meanwhile"),
        pytest.param(tried(outcome="worse", worse_since=ago(20)), Kind.STILL_WORSE, True, id="worse still"),
        pytest.param(tried(outcome="worse", worse_since=ago(2)), Kind.STILL_WORSE, False, id="worse anew"),
        pytest.param(tried(outcome="cant_tell", reason="varies_too_much"), Kind.LOG_MORE, False, id="entries enough"),
    ],
)
def test_what_a_verdict_gave_reason_for_is_said_as_long_as_it_stands(attempt, kind, is_said):
    assert ((kind, f"attempt:{attempt.uuid}") in advice.still_said(Facts(on=ON, tried=(attempt,)))) is is_said


def test_a_second_opinion_is_no_longer_said_once_one_of_the_two_works():
    failed, yoga = tablets(outcome="not_working", days=100), tried("Yoga", outcome="not_working")
    facts = Facts(on=ON, tried=(failed, yoga), pain_since=ago(200))
    changed = replace(facts, tried=(failed, replace(yoga, outcome="working")))
    assert [(Kind.SECOND_OPINION, f"attempt:{yoga.uuid}") in advice.still_said(told) for told in (facts, changed)] == [
        True,
        False,
    ]
