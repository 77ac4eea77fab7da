"""Problem details (RFC 9457) for everything under /api/: one shape, one table from broken rules to words."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from tracker.domain.beside import NotOnTheList
from tracker.domain.column_mapping import WrongMapping
from tracker.domain.errors import DomainError
from tracker.domain.text import TextNotStorable
from tracker.domain.visits import ClockSkips
from tracker.services import (
    accounts,
    advice,
    answers,
    appointments,
    attachments,
    exercises,
    health,
    import_files,
    import_history,
    imports,
    medicines,
    move_plans,
    pain_log,
    pauses,
    proposals,
    push_devices,
    questionnaires,
    red_flags,
    reminders,
    removed_attempts,
    second_opinions,
    sharing,
    summaries,
    treatment_days,
    treatment_plans,
    treatments,
)

PROBLEM_JSON = "application/problem+json"
API_PREFIX = "/api/"

# What a broken rule means to a client: the status, and one sentence.
BROKEN_RULES = {
    accounts.UnknownZone: (422, _("There is no time zone of that name.")),
    advice.NoLongerHolds: (409, _("The verdict has changed, so this advice no longer holds.")),
    answers.LinkEnded: (409, _("It was answered, or its day is over, or there is no room for another on that day.")),
    answers.NoSuchAnswer: (422, _("This reminder has no such answer, or a number is missing or not offered.")),
    answers.NothingToUndo: (409, _("There is no answer to take back, or its day is over.")),
    answers.NotTheDay: (409, _("That day has not come yet.")),
    advice.NotNewAgain: (422, _("Advice that was looked at is not new again.")),
    advice.PutOffOutOfRange: (422, _("It can be put off to a day from tomorrow on, within a year.")),
    appointments.AppointmentAlreadyThere: (409, _("This uuid names another appointment.")),
    appointments.AppointmentOutOfRange: (422, _("The day is before 1900 or more than five years ahead.")),
    appointments.NoSuchOpinion: (422, _("There is no such second opinion.")),
    appointments.QuestionMissing: (422, _("There is no such question, or nothing in it.")),
    appointments.ReminderOutOfRange: (422, _("A mail comes between five minutes and two weeks before.")),
    appointments.TooManyAppointments: (409, _("There are as many appointments as there can be.")),
    appointments.TooManyQuestions: (422, _("More questions than can be asked, or one of them twice.")),
    attachments.FileAlreadyThere: (409, _("This uuid names another file.")),
    attachments.FileEmpty: (422, _("The file is empty.")),
    attachments.FileKindUnknown: (422, _("The file is neither PNG, JPEG nor PDF, whatever its name says.")),
    attachments.FileOutOfRange: (422, _("A kind is not on its list, or a day is before 1900 or ahead.")),
    attachments.FileTooLarge: (413, _("The file is larger than 10 megabytes.")),
    attachments.FileUnreadable: (422, _("The file is broken or locked, or larger than any page or photo.")),
    attachments.NoRoomForFiles: (409, _("There is no room for more files.")),
    exercises.NoSession: (404, _("Nothing was noted of that day.")),
    exercises.SessionOfAnotherDay: (422, _("A session belongs to the local day on which it began.")),
    exercises.SessionOutOfRange: (422, _("A rating, an amount or the day is out of range.")),
    exercises.SessionInFuture: (422, _("That day has not come yet.")),
    exercises.UnknownMove: (422, _("There is no move of that name.")),
    health.BirthYearOutOfRange: (422, _("The year of birth is before 1900, or not that of an adult.")),
    health.ProfileChanged: (412, _("The profile is not as you expect it; “current” says how it is.")),
    health.ProfileOutOfRange: (422, _("A sex, a fact or an answer is not on its list.")),
    import_files.ImportNotReady: (409, _("This file is being taken over, or was refused.")),
    import_files.TooManyImports: (409, _("As many files as there may be are being taken over. Wait until they are.")),
    import_history.TakenBack: (409, _("This import was taken back before.")),
    imports.LogFileRefused: (422, _("The file cannot be taken over; “errors” say what is in the way.")),
    medicines.IntakeInFuture: (422, _("A medicine cannot have been taken later than now.")),
    medicines.IntakeTooOld: (422, _("Days before the year 1900 are not kept.")),
    medicines.MedicineAlreadyThere: (409, _("This uuid names another medicine.")),
    medicines.MedicineDayOutOfRange: (422, _("A day is before 1900 or too far ahead.")),
    medicines.MedicineNameMissing: (422, _("A name is missing.")),
    medicines.MedicineStopsBeforeStart: (422, _("A medicine cannot stop before it starts.")),
    medicines.NoSuchMedicine: (422, _("There is no such medicine.")),
    move_plans.GateUnanswered: (422, _("Every safety point needs one of its answers.")),
    move_plans.UnknownWish: (422, _("A move cannot be wished for like that.")),
    pain_log.EntryAlreadyThere: (409, _("This uuid names another entry.")),
    pain_log.EntryChanged: (412, _("The entry is not as you expect it; “current” says how it is.")),
    pain_log.EntryDeleted: (410, _("The entry with this uuid was deleted.")),
    pain_log.EntryInFuture: (422, _("Pain cannot have been felt later than now.")),
    pain_log.EntryOutOfRange: (422, _("A value is not on its scale or list, or a key is named twice.")),
    pain_log.EntryTooOld: (422, _("Days before the year 1900 are not kept.")),
    pain_log.NothingToRepeat: (409, _("There is no entry yet that could be logged again.")),
    proposals.ProposalDayOutOfRange: (422, _("That day is before 1900 or has not come yet.")),
    proposals.ProposalNameMissing: (422, _("A name is missing.")),
    proposals.ProposalOutOfRange: (422, _("A decision is not on its list.")),
    proposals.TooManyProposals: (409, _("There are as many proposals as there can be.")),
    questionnaires.AnswersRefused: (422, _("These answers cannot be scored.")),
    questionnaires.NotAboutATreatment: (422, _("This questionnaire is about no single treatment.")),
    questionnaires.OtherVersion: (422, _("This is another wording of the questionnaire. Fetch it once more.")),
    questionnaires.PutOffOutOfRange: (422, _("It can be put off to a day from tomorrow on, within four weeks.")),
    questionnaires.ResponseAlreadyThere: (
        409,
        _("This uuid names other answers. New answers need a uuid of their own."),
    ),
    questionnaires.ResponseInFuture: (422, _("Nobody can have answered later than now.")),
    questionnaires.ResponseTooOld: (422, _("Days before the year 1900 are not kept.")),
    questionnaires.UnknownInstrument: (422, _("There is no questionnaire of that name.")),
    red_flags.EntryNotThere: (404, _("There is no such entry in the log.")),
    red_flags.ScreenAnswered: (409, _("These questions were answered in another way.")),
    red_flags.ScreenIncomplete: (422, _("Without any yes, each question wants an answer.")),
    pauses.PauseOutOfRange: (422, _("A pause ends on a day from tomorrow on, within a year, and after it begins.")),
    reminders.NotForAMedicine: (422, _("Only a reminder to take a medicine is for one.")),
    reminders.RepeatOutOfRange: (422, _("It would repeat after it is too late to come.")),
    reminders.WindowOutOfRange: (422, _("So late a reminder of this kind helps nobody.")),
    push_devices.BadDeviceKeys: (422, _("The keys are not those of a browser.")),
    push_devices.DeviceNotReached: (409, _("The device did not take the message; see whether it is gone.")),
    push_devices.TooManyDevices: (409, _("There are as many devices as there can be.")),
    push_devices.UnknownPushService: (422, _("The address leads to no maker of browsers that is known here.")),
    reminders.NoChannels: (422, _("A reminder goes out by one way at least.")),
    reminders.NoWeekdays: (422, _("A reminder needs at least one weekday.")),
    reminders.ReminderAlreadyThere: (409, _("There can be one reminder of this kind.")),
    reminders.ReminderKindFixed: (409, _("This uuid names a reminder of another kind.")),
    reminders.TooManyReminders: (409, _("There are as many reminders as there can be.")),
    removed_attempts.UndoExpired: (409, _("It is too late to take that back.")),
    summaries.SummaryOutOfRange: (
        422,
        _("A day has not come yet or ends before it begins, or a part cannot stay out."),
    ),
    treatment_days.AttemptNotPaused: (409, _("It is not paused.")),
    treatment_days.AttemptNotUnderWay: (409, _("Only what is in use can be paused.")),
    treatment_days.AttemptPaused: (409, _("It is paused already.")),
    treatment_days.DayNotOfAttempt: (422, _("It was not in use on that day, or the day has not come yet.")),
    treatment_days.PauseTooLong: (422, _("After more than four weeks it is a new start: stop it, and start it again.")),
    treatment_plans.NothingPlanned: (409, _("There is no such plan.")),
    treatment_plans.PlanOutOfRange: (422, _("There is no such place.")),
    second_opinions.OpinionAlreadyThere: (409, _("This uuid names another second opinion.")),
    second_opinions.OpinionOutOfRange: (422, _("A part, a day, a file or a decision is not on its list.")),
    second_opinions.TooManyOpinions: (409, _("As many second opinions are open as there can be.")),
    second_opinions.ViewEmpty: (422, _("A view says at least what it is, or what to do.")),
    second_opinions.ViewMissing: (409, _("First an independent view has to be written down.")),
    sharing.PassphraseNeeded: (422, _("The sealed part is never shared without a passphrase.")),
    sharing.PassphraseTooShort: (422, _("A passphrase has at least 8 characters.")),
    sharing.QuestionEmpty: (422, _("There is nothing in it.")),
    sharing.ShareAlreadyThere: (409, _("This uuid names another link.")),
    sharing.ShareOutOfRange: (422, _("A link cannot show that, or not for so long.")),
    sharing.TooManyShares: (409, _("As many links are open as there can be.")),
    treatments.AttemptAlreadyOpen: (409, _("This treatment is under way already.")),
    treatments.AttemptAlreadyThere: (409, _("This uuid names another attempt.")),
    treatments.AttemptOutOfRange: (422, _("A rating, site or reason is not on its list.")),
    treatments.AttemptStopped: (409, _("A stopped attempt stays stopped. Taking it up again is a new attempt.")),
    treatments.NameMissing: (422, _("A name is missing.")),
    treatments.SameDose: (422, _("A change of dose needs another dose.")),
    treatments.StartOutOfRange: (422, _("The start is before 1900 or too far ahead.")),
    treatments.StopBeforeStart: (422, _("A treatment cannot stop before it starts.")),
    treatments.StopOutOfRange: (422, _("The stop is too far ahead.")),
    treatments.TrialTooShort: (422, _("A fair trial lasts at least until the treatment can have begun to help.")),
    ClockSkips: (422, _("The clocks jump over this time on that day.")),
    NotOnTheList: (422, _("A key is not on its list, or is named twice.")),
    WrongMapping: (422, _("This mapping does not fit the table: a meaning for each column, and each of them once.")),
    TextNotStorable: (422, _("A text is too long, or holds a character that cannot be stored.")),
}


def refusal(error: DomainError | exceptions.ValidationError) -> dict[str, Any]:
    """The problem that a broken rule or a wrong shape is."""
    if isinstance(error, exceptions.ValidationError):
        return problem(400, _("What was sent does not fit."), errors=list(_faults(error.detail)))
    return problem(*BROKEN_RULES.get(type(error), (422, _("A rule of the record was broken."))))


def as_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """The exception handler of the API; None leaves a fault of our own to Django, which reports it."""
    if isinstance(error, DomainError):
        set_rollback()
        body = refusal(error)
        return Response(body, body["status"], content_type=PROBLEM_JSON)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        response.data = refusal(error)
    else:
        response.data = problem(response.status_code, _detail(error))
    response.content_type = PROBLEM_JSON
    return response


def problem(status: int, detail: Any = "", **members: Any) -> dict[str, Any]:
    known = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return known | ({"detail": str(detail)} if detail else {}) | members


def problem_page(status: int, detail: Any = "") -> JsonResponse:
    """For what fails before or behind the views of the API: no such address, a broken request, a fault of ours."""
    return JsonResponse(problem(status, detail), status=status, content_type=PROBLEM_JSON)


def _detail(error: Exception) -> str:
    if isinstance(error, Http404):
        return str(_("There is nothing at this address."))
    if isinstance(error, PermissionDenied):
        return str(_("This is not allowed."))
    return str(getattr(error, "detail", ""))


def _faults(detail: Any, pointer: str = "#") -> Iterator[dict[str, str]]:
    """Each message with a JSON pointer to what it is about."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            where = "" if name == "non_field_errors" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            yield from _faults(inner, pointer + where)
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            yield from _faults(inner, f"{pointer}/{place}" if isinstance(inner, dict) else pointer)
    else:
        yield {"pointer": pointer, "detail": str(detail)}
