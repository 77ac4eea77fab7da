"""What to say at a visit: a short list for one piece of advice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tracker.models import Patient, TreatmentAttempt
from tracker.services.verdict_words import sentences
from tracker.web.presenters.advice import AdviceCard


@dataclass(frozen=True, kw_only=True)
class TalkPage:
    patient: Patient
    card: AdviceCard
    today: date

    @property
    def attempt(self) -> TreatmentAttempt | None:
        return self.card.advice.attempt

    @property
    def to_whom(self) -> str:
        """The prescriber by name, where the patient has told it."""
        return self.attempt.prescribed_by if self.attempt else ""

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """What the record says of the treatment that it is about, as it stands today."""
        attempt = self.attempt
        if attempt is None:
            return ()
        verdict = attempt.verdicts.first()
        said = sentences(verdict, attempt)
        days = _("from %(first)s") % {"first": date_format(attempt.started_on)}
        if attempt.stopped_on:
            days = _("from %(first)s to %(last)s") % {
                "first": date_format(attempt.started_on),
                "last": date_format(attempt.stopped_on),
            }
        facts = [
            (_("Treatment"), f"{attempt.name}, {days}"),
            (_("My pain log"), said.headline),
            (_("In numbers"), said.text if verdict else ""),
            (_("Side effects"), attempt.side_effects),
        ]
        return [fact for fact in facts if fact[1]]
