"""What somebody sees who has opened a link from a mail. It tells nothing about health: whoever holds it may read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.models import Occurrence
from tracker.services import answers
from tracker.web.forms.answers import AnswerForm

QUESTIONS = {
    Occurrence.Response.DONE: gettext_lazy("Is it done?"),
    Occurrence.Response.SNOOZED: gettext_lazy("When shall Ebb write again?"),
    Occurrence.Response.SKIPPED: gettext_lazy("Leave it out today?"),
    answers.SCORE: gettext_lazy("Which number fits now?"),
}


@dataclass(frozen=True, kw_only=True)
class AnswerPage:
    action: str
    state: str  # asks, ended, noted, taken back
    minutes: Sequence[int] = ()
    error: str = ""
    said: answers.Said = answers.PLAIN
    matters_now: bool = False

    @property
    def question(self) -> str:
        return str(QUESTIONS[self.action])

    @property
    def times(self) -> list[tuple[int, str]]:
        return [(minutes, in_minutes(minutes)) for minutes in self.minutes]

    @property
    def scores(self) -> range:
        return range(11)

    @property
    def thanks(self) -> str:
        match self.action:
            case Occurrence.Response.SNOOZED:
                return _("You will hear from Ebb again %(when)s.") % {"when": in_minutes(self.said.minutes)}
            case Occurrence.Response.SKIPPED:
                return _("Left out today. This reminder does not come again before its next day.")
            case answers.SCORE:
                return _("Your number is %(nrs)s.") % {"nrs": self.said.nrs}
        return _("This one is done.")

    @property
    def can_be_undone(self) -> bool:
        return self.state == "noted" and self.action != answers.SCORE


def in_minutes(minutes: int) -> str:
    if minutes % 60:
        return ngettext("in %(n)s minute", "in %(n)s minutes", minutes) % {"n": minutes}
    return ngettext("in %(n)s hour", "in %(n)s hours", minutes // 60) % {"n": minutes // 60}


def answer_page(link: answers.Link, sent: Mapping[str, str] | None, *, at: datetime) -> tuple[AnswerPage, int]:
    """The page and its status. What was sent acts; asking for the page does not."""
    if link.action not in QUESTIONS:
        return AnswerPage(action=Occurrence.Response.DONE, state="ended"), 410
    try:
        if sent is not None and "undo" in sent:
            answers.take_back_from_mail(link=link, at=at)
            return AnswerPage(action=link.action, state="taken back"), 200
        if sent is not None:
            return _answered(link, AnswerForm(sent), at=at)
    except (answers.LinkEnded, answers.NothingToUndo):
        return AnswerPage(action=link.action, state="ended"), 410
    if not answers.is_open(link=link, at=at):
        return AnswerPage(action=link.action, state="ended"), 410
    return _asking(link, at=at), 200


def _asking(link: answers.Link, *, at: datetime, error: str = "") -> AnswerPage:
    minutes = answers.choices(link=link, at=at) if link.action == Occurrence.Response.SNOOZED else ()
    return AnswerPage(action=link.action, state="asks", minutes=tuple(minutes), error=error)


def _answered(link: answers.Link, form: AnswerForm, *, at: datetime) -> tuple[AnswerPage, int]:
    try:
        if not form.is_valid():
            raise answers.NoSuchAnswer
        occurrence = answers.follow_link(link=link, at=at, said=form.said)
    except answers.NoSuchAnswer:
        return _asking(link, at=at, error=_("Choose one of these.")), 400
    matters_now = link.action == answers.SCORE and answers.calls_for_questions(
        occurrence=occurrence, nrs=form.said.nrs, at=at
    )
    return AnswerPage(action=link.action, state="noted", said=form.said, matters_now=matters_now), 200
