"""A second opinion from its question to the comparison, as services keep it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tracker.domain.text import TextNotStorable
from tracker.models import AuditEvent, Comparison, IndependentView, SecondOpinion
from tracker.services import proposals, said_so_far, second_opinions, treatments
from tracker.services.second_opinions import (
    OpinionAlreadyThere,
    OpinionOutOfRange,
    TooManyOpinions,
    ViewEmpty,
    ViewMissing,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def prepare(person, **said) -> SecondOpinion:
    said = {"uuid": uuid4(), "at": NOW, "on": TODAY, "question": "What is it?"} | said
    return second_opinions.prepare(by=person.user, **said)


def diagnosed(person, name="Old strain", said_by="Dr. Weber"):
    return treatments.note_diagnosis(by=person.user, uuid=uuid4(), name=name, said_by=said_by, said_on=TODAY)


def seen(person, opinion, **said) -> IndependentView:
    said = {"diagnosis": "Something else", "clinician": "Dr. Quarshie"} | said
    return second_opinions.write_view(by=person.user, opinion=opinion, uuid=uuid4(), at=NOW, **said)


class TestPreparing:
    @pytest.mark.parametrize(
        "said",
        [
            pytest.param({"left_out": ("allergies",)}, id="a part that is never left out"),
            pytest.param({"left_out": ("nonsense",)}, id="a part that there is not"),
            pytest.param({"attached": (str(uuid4()),)}, id="a file that is not there"),
            pytest.param({"log_from": TODAY + timedelta(days=1)}, id="a log from tomorrow on"),
            pytest.param({"log_from": date(1899, 12, 31)}, id="a log from before 1900"),
        ],
    )
    def test_what_cannot_be_is_refused(self, alice, said):
        with pytest.raises(OpinionOutOfRange):
            prepare(alice, **said)
        assert not alice.patient.second_opinions.exists()

    def test_another_patients_attempt_is_refused(self, alice, charlie):
        kind = treatments.TreatmentType.objects.get(key="massage")
        theirs = treatments.start(
            by=charlie.user, uuid=uuid4(), at=NOW, on=TODAY, treatment_type=kind, started_on=TODAY
        )
        with pytest.raises(OpinionOutOfRange):
            prepare(alice, attempt=theirs)

    @pytest.mark.parametrize("text", ["nul\0", "\ud800", "x" * 10_001])
    def test_text_that_cannot_be_kept_is_refused(self, alice, text):
        with pytest.raises(TextNotStorable):
            prepare(alice, question=text)

    def test_it_is_kept_as_it_was_written(self, alice):
        text = "  زيادة الألم 🙂\n\nwhy?  "
        assert prepare(alice, question=text).question == text
        assert AuditEvent.objects.filter(patient=alice.patient, verb="began").count() == 1

    def test_sent_again_it_is_the_same(self, alice):
        uuid = uuid4()
        assert prepare(alice, uuid=uuid) == prepare(alice, uuid=uuid)

    def test_the_uuid_of_another_is_refused(self, alice):
        uuid = uuid4()
        prepare(alice, uuid=uuid)
        with pytest.raises(OpinionAlreadyThere):
            prepare(alice, uuid=uuid, question="Another")

    def test_a_third_and_fourth_are_fine_and_there_is_an_end(self, alice):
        for _ in range(second_opinions.MAX_OPEN):
            prepare(alice)
        with pytest.raises(TooManyOpinions):
            prepare(alice)

    def test_a_change_changes_what_is_given_alone(self, alice):
        opinion = prepare(alice, goal="Garden again")
        changed = second_opinions.change(
            by=alice.user, opinion=opinion, at=NOW, on=TODAY, worry="Tumours", left_out=("notes",)
        )
        assert (changed.goal, changed.worry, changed.left_out) == ("Garden again", "Tumours", ["notes"])

    def test_decisions_add_up(self, alice):
        opinion = prepare(alice)
        second_opinions.decide(by=alice.user, opinion=opinion, decisions={"a" * 16: "show"}, at=NOW)
        opinion = second_opinions.decide(by=alice.user, opinion=opinion, decisions={"b" * 16: "hold_back"}, at=NOW)
        assert opinion.decided == {"a" * 16: "show", "b" * 16: "hold_back"}

    @pytest.mark.parametrize("decisions", [{"a" * 16: "maybe"}, {"short": "show"}, {"<" * 16: "show"}])
    def test_a_decision_that_there_is_not_is_refused(self, alice, decisions):
        with pytest.raises(OpinionOutOfRange):
            second_opinions.decide(by=alice.user, opinion=prepare(alice), decisions=decisions, at=NOW)

    def test_deleting_takes_all_that_hangs_on_it(self, alice):
        opinion = prepare(alice)
        seen(alice, opinion)
        second_opinions.remove(by=alice.user, opinion=opinion)
        assert not SecondOpinion.objects.exists()
        assert not IndependentView.objects.exists()

    def test_closing_ends_its_links(self, alice):
        opinion = prepare(alice)
        share = alice.patient.shares.create(
            uuid=uuid4(),
            scope="brief",
            opinion=opinion,
            token_digest="x",
            created_at=NOW,
            expires_at=NOW + timedelta(days=14),
        )
        second_opinions.close(by=alice.user, opinion=opinion, at=NOW)
        share.refresh_from_db()
        assert share.revoked_at == NOW


class TestTheSealedPart:
    def test_a_clinician_cannot_open_it_before_a_view_stands(self, alice):
        opinion = prepare(alice)
        with pytest.raises(ViewMissing):
            second_opinions.open_sealed(by=None, opinion=opinion, at=NOW)
        opinion.refresh_from_db()
        assert opinion.sealed_opened_at is None

    def test_it_opens_after_the_view(self, alice):
        opinion = prepare(alice)
        seen(alice, opinion)
        assert second_opinions.open_sealed(by=None, opinion=opinion, at=NOW).sealed_opened_by == "clinician"

    def test_the_patient_may_open_it_at_any_time_and_that_is_noted(self, alice):
        opinion = second_opinions.open_sealed(by=alice.user, opinion=prepare(alice), at=NOW)
        assert (opinion.sealed_opened_by, opinion.sealed_opened_at) == ("patient", NOW)
        assert AuditEvent.objects.filter(patient=alice.patient, verb="opened sealed part").count() == 1

    def test_the_first_opening_stands(self, alice):
        opinion = prepare(alice)
        second_opinions.open_sealed(by=alice.user, opinion=opinion, at=NOW)
        again = second_opinions.open_sealed(by=alice.user, opinion=opinion, at=NOW + timedelta(hours=1))
        assert again.sealed_opened_at == NOW

    def test_the_database_wants_to_know_who_opened_it(self, alice):
        opinion = prepare(alice)
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondOpinion.objects.filter(pk=opinion.pk).update(sealed_opened_at=NOW)

    def test_it_holds_what_others_said(self, alice):
        diagnosed(alice)
        part = second_opinions.sealed_part(prepare(alice, earlier_advice="Rest"))
        assert ([one.name for one in part.diagnoses], part.earlier_advice) == (["Old strain"], "Rest")

    def test_it_holds_what_was_proposed_and_found_before(self, alice):
        proposals.put(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, advises=False, name="Fusion", proposed_by="Dr. W")
        first = prepare(alice)
        seen(alice, first, advice="Wait")
        part = second_opinions.sealed_part(prepare(alice, at=NOW + timedelta(days=1)))
        assert [(one.name, one.proposed_by, one.decision) for one in part.proposals] == [("Fusion", "Dr. W", "open")]
        assert [(one.diagnosis, one.advice) for one in part.views] == [("Something else", "Wait")]

    def test_nothing_that_came_after_it_is_in_it(self, alice):
        strain, opinion = diagnosed(alice), prepare(alice)
        later = prepare(alice, at=NOW + timedelta(days=1))
        for one, name in ((opinion, "Rib joint"), (later, "Shingles")):
            seen(alice, one, diagnosis=name)
            said = {"by": alice.user, "opinion": one, "diagnosis": strain, "outcome": "different", "called_now": name}
            second_opinions.compare(at=NOW, on=TODAY, **said)
        noted = {"by": alice.user, "uuid": uuid4(), "name": "Noted later", "said_on": TODAY + timedelta(days=9)}
        treatments.note_diagnosis(**noted)
        assert [one.name for one in second_opinions.sealed_part(opinion).diagnoses] == ["Old strain"]
        stood = [(one.name, one.replaced_by) for one in second_opinions.sealed_part(later).diagnoses]
        assert stood == [("Old strain", "Rib joint"), ("Rib joint", "")]

    def test_nothing_of_another_patient_is_in_it(self, alice, charlie):
        diagnosed(charlie, "Charlie's")
        assert not second_opinions.sealed_part(prepare(alice)).diagnoses


class TestTheView:
    @pytest.mark.parametrize("said", [{"diagnosis": " "}, {"diagnosis": "", "advice": "\n"}])
    def test_an_empty_one_is_refused(self, alice, said):
        with pytest.raises(ViewEmpty):
            seen(alice, prepare(alice), **said)

    def test_the_same_view_sent_twice_is_one(self, alice):
        opinion, uuid = prepare(alice), uuid4()
        for words in ("One thing", "Another thing"):
            second_opinions.write_view(by=alice.user, opinion=opinion, uuid=uuid, at=NOW, diagnosis=words)
        assert [view.diagnosis for view in opinion.views.all()] == ["One thing"]

    def test_another_view_stands_beside_the_first(self, alice):
        opinion = prepare(alice)
        seen(alice, opinion)
        seen(alice, opinion, diagnosis="On second thoughts")
        assert opinion.views.count() == 2


class TestComparing:
    def compared(self, person, outcome="different", **said) -> Comparison:
        opinion, diagnosis = prepare(person), diagnosed(person)
        seen(person, opinion)
        return second_opinions.compare(
            by=person.user, opinion=opinion, diagnosis=diagnosis, outcome=outcome, at=NOW, on=TODAY, **said
        )

    def test_there_is_nothing_to_compare_before_a_view(self, alice):
        with pytest.raises(ViewMissing):
            second_opinions.compare(
                by=alice.user, opinion=prepare(alice), diagnosis=diagnosed(alice), outcome="same", at=NOW, on=TODAY
            )

    def test_an_outcome_that_there_is_not_is_refused(self, alice):
        with pytest.raises(OpinionOutOfRange):
            self.compared(alice, outcome="wrong")

    def test_another_patients_diagnosis_is_refused(self, alice, charlie):
        opinion = prepare(alice)
        seen(alice, opinion)
        with pytest.raises(OpinionOutOfRange):
            second_opinions.compare(
                by=alice.user, opinion=opinion, diagnosis=diagnosed(charlie), outcome="same", at=NOW, on=TODAY
            )

    def test_a_different_one_marks_the_old_and_notes_the_new(self, alice):
        comparison = self.compared(alice, called_now="Rib joint", said_by="Dr. Quarshie")
        assert comparison.replaced_by.name == "Rib joint"
        assert said_so_far.overturned(alice.patient) == {comparison.diagnosis_id: "Old strain"}

    def test_the_same_replaces_nothing(self, alice):
        comparison = self.compared(alice, outcome="same", called_now="Rib joint")
        assert comparison.replaced_by is None
        assert not said_so_far.overturned(alice.patient)

    def again(self, person, comparison, outcome="different", called_now="") -> Comparison:
        which = {"opinion": comparison.opinion, "diagnosis": comparison.diagnosis}
        said = {"outcome": outcome, "called_now": called_now, "said_by": "Dr. Quarshie"}
        return second_opinions.compare(by=person.user, at=NOW, on=TODAY, **which, **said)

    def test_compared_anew_the_new_name_is_put_right(self, alice):
        first = self.compared(alice, called_now="Rib jiont", said_by="Dr. Quarshie")
        self.again(alice, first, called_now="Rib joint")
        assert {one.name for one in alice.patient.diagnoses.all()} == {"Old strain", "Rib joint"}
        assert [one.name for one in said_so_far.earlier_diagnoses(first.opinion)] == ["Old strain"]

    def test_compared_anew_as_the_same_the_new_name_is_gone(self, alice):
        first = self.compared(alice, called_now="Rib joint", said_by="Dr. Quarshie")
        self.again(alice, first, outcome="same")
        assert [one.name for one in alice.patient.diagnoses.all()] == ["Old strain"]

    def test_an_older_diagnosis_of_the_same_words_stays_an_earlier_one(self, alice):
        diagnosed(alice, "Rib joint", "Dr. Quarshie")
        first = self.compared(alice, called_now="Rib joint", said_by="Dr. Quarshie")
        assert {one.name for one in said_so_far.earlier_diagnoses(first.opinion)} == {"Old strain", "Rib joint"}

    def test_the_newest_comparison_holds(self, alice):
        first = self.compared(alice)
        later = prepare(alice)
        seen(alice, later)
        second_opinions.compare(
            by=alice.user,
            opinion=later,
            diagnosis=first.diagnosis,
            outcome="undecided",
            at=NOW + timedelta(days=1),
            on=TODAY,
        )
        assert not said_so_far.overturned(alice.patient)


def test_the_screen_knows_the_patients_own_names(alice):
    diagnosed(alice, "Kaltenborn syndrome", "Dr. Quarshie")
    screen = second_opinions.screen_of(alice.patient)
    assert all(screen.findings(text) for text in ("kaltenborn", "Quarshie came late"))


class TestTheHistory:
    def test_tells_each_step_in_its_order(self, alice):
        strain = diagnosed(alice)
        kind = treatments.TreatmentType.objects.get(key="massage")
        said = {"treatment_type": kind, "started_on": TODAY, "diagnosis": strain}
        treatments.start(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, **said)
        proposed = {"name": "Fusion", "proposed_on": TODAY - timedelta(days=1)}
        proposals.put(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, advises=False, **proposed)
        opinion = prepare(alice)
        seen(alice, opinion)
        said = {"outcome": "different", "called_now": "Rib joint", "said_by": "Dr. Quarshie"}
        second_opinions.compare(by=alice.user, opinion=opinion, diagnosis=strain, at=NOW, on=TODAY, **said)
        lines = said_so_far.history(alice.patient)
        assert [(line.happened, line.name) for line in lines] == [
            ("proposed", "Fusion"),
            ("said", "Old strain"),
            ("tried", "Massage"),
            ("view", "Something else"),
            ("compared", "Old strain"),
        ]
        assert lines[-1].became == "Rib joint"

    def test_has_nothing_of_another_patient(self, alice, charlie):
        diagnosed(charlie, "Charlie's")
        seen(charlie, prepare(charlie))
        assert said_so_far.history(alice.patient) == []
