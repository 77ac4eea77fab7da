"""What Dana asks others: a second opinion behind her, one under way, files, a link, and visits."""

import io
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from tracker.domain.schedule import local_date
from tracker.models import Diagnosis, SecondOpinion, Share, User
from tracker.services import appointments, attachments, second_opinions, shared, sharing, treatments

ZONE = ZoneInfo("Europe/Lisbon")
# Days ago
FIRST_ASKED, FIRST_SEEN, NOW_ASKED, SHARED, OPENED, FAMILY_DOCTOR = 84, 76, 6, 4, 3, 70
PASSPHRASE = "plum garden 7"
DEVICE = "Firefox, Windows"

NOW = {
    "question": "What keeps the pain between my shoulder blades going, and is there anything I have not tried?",
    "goal": "Carry my grandchild up the stairs again. Dr Costa says the worn discs will not allow it.",
    "worry": "That something is missed.",
    "refer_to": "rheumatologist",
    "earlier_advice": "An injection beside the spine.",
}
FIRST = {
    "question": "Six weeks of tablets have not helped. Is it really a strained muscle?",
    "goal": "A day at the desk without thinking of my back.",
    "refer_to": "spine",
    "earlier_advice": "Naproxen, and rest.",
}
VIEW: dict[str, Any] = {
    "clinician": "Dr Almeida, physical medicine",
    "diagnosis": "Stiff joints between ribs and spine",
    "ground": "Pressing beside the spine brings it on; turning to the left is half of what it is to the right.",
    "advice": "Exercises with a physiotherapist, twice a week for eight weeks. Then look again.",
}
RESULT = ("Blood values", "C-reactive protein 2 mg/l", "White cells 6.1 /nl", "Haemoglobin 13.4 g/dl")
REPORT = ("X-ray of the mid-back", "Worn discs T6 to T8.", "No fracture is seen.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A visit and its questions, each with what was answered."""

    days_ago: int  # below zero: to come
    wall_time: time
    said: dict[str, str]
    questions: tuple[tuple[str, str], ...]
    is_second_opinion: bool = False


VISITS = (
    Seen(
        days_ago=FAMILY_DOCTOR,
        wall_time=time(9, 15),
        said={
            "with_whom": "Dr Marques, family doctor",
            "place": "Health centre, first floor",
            "purpose": "Six weeks of naproxen, and no better",
            "decided": "Physiotherapy for the mid-back, twice a week",
        },
        questions=(
            ("The naproxen has not helped. What else could we try?", "Exercises with a physiotherapist first."),
            ("How long until we know?", "Six to eight weeks. Keep logging."),
        ),
    ),
    Seen(
        days_ago=-5,
        wall_time=time(10, 30),
        said={
            "with_whom": "Dr Costa, orthopaedics",
            "place": "Second hospital, room 14",
            "purpose": "The injection that was proposed",
        },
        questions=(
            ("What would the injection do that the exercises do not?", ""),
            ("What else could explain the pain, and what would settle it?", ""),
            ("What happens if I wait another two months?", ""),
        ),
    ),
    Seen(
        days_ago=-9,
        wall_time=time(15),
        said={"with_whom": "Dr Rocha, rheumatology", "place": "Practice by the park", "purpose": "A second opinion"},
        questions=(("Would you look at me first, and at the earlier papers afterwards?", ""),),
        is_second_opinion=True,
    ),
)


def ask_others(user: User, *, at: datetime) -> None:
    _ask_first(user, at=at)
    opinion = _ask_now(user, at=at)
    _see_doctors(user, opinion, at=at)


def _ask_first(user: User, *, at: datetime) -> None:
    """Behind her: what the pain was called at first turned out to be something else."""
    began, seen = _instant(at, FIRST_ASKED, time(18)), _instant(at, FIRST_SEEN, time(17, 30))
    naproxen = user.patient.attempts.get(treatment_type__key="oral_nsaid")
    opinion = second_opinions.prepare(by=user, uuid=_key(20), at=began, on=began.date(), attempt=naproxen, **FIRST)
    second_opinions.write_view(by=user, opinion=opinion, uuid=_key(21), at=seen, **VIEW)
    second_opinions.open_sealed(by=user, opinion=opinion, at=seen)
    strain, discs = (_diagnosis(user, name) for name in ("Muscle strain", "Worn discs"))
    said = {"called_now": VIEW["diagnosis"], "said_by": VIEW["clinician"], "what_changes": "Exercises, not tablets."}
    _compare(user, opinion, strain, "different", at=seen, **said)
    _compare(
        user, opinion, discs, "undecided", at=seen, what_changes="They may be there and have nothing to do with it."
    )
    second_opinions.close(by=user, opinion=opinion, at=seen)


def _compare(
    user: User, opinion: SecondOpinion, diagnosis: Diagnosis, outcome: str, *, at: datetime, **said: str
) -> None:
    how: dict[str, Any] = {"at": at, "on": at.date()} | said
    second_opinions.compare(by=user, opinion=opinion, diagnosis=diagnosis, outcome=outcome, **how)


def _ask_now(user: User, *, at: datetime) -> SecondOpinion:
    """Under way, with words in it that are better held back, shared by a link that was opened once."""
    began = _instant(at, NOW_ASKED, time(19))
    files = [
        attachments.add(by=user, uuid=_key(number), kind=kind, title=lines[0], content=_picture(lines), at=began, **on)
        for number, kind, lines, on in (
            (22, "result", RESULT, {"on": began.date(), "made_on": began.date() - timedelta(days=9)}),
            (23, "report", REPORT, {"on": began.date(), "made_on": began.date() - timedelta(days=84)}),
        )
    ]
    said = NOW | {"attached": tuple(str(file.uuid) for file in files)}
    opinion = second_opinions.prepare(by=user, uuid=UUID(int=6, version=4), at=began, on=began.date(), **said)
    _share(user, opinion, at=at)
    return opinion


def _share(user: User, opinion: SecondOpinion, *, at: datetime) -> None:
    """Whoever looks around as Dana can open it themselves: the list says the passphrase."""
    shared_at, opened_at = _instant(at, SHARED, time(20)), _instant(at, OPENED, time(11, 40))
    wish = sharing.Wish(
        scope=Share.Scope.BRIEF,
        opinion=opinion,
        meant_for=f"Dr Rocha, rheumatology (told by phone: {PASSPHRASE})",
        passphrase=PASSPHRASE,
        opens_sealed=True,
    )
    share = sharing.create(by=user, uuid=_key(24), at=shared_at, on=shared_at.date(), wish=wish)
    shared.open_link(share=share, passphrase=PASSPHRASE, device=DEVICE, at=opened_at)
    asked = {"text": "Does it wake you in the second half of the night?", "asked_by": "Dr Rocha"}
    shared.ask(share=share, uuid=_key(25), device=DEVICE, at=opened_at + timedelta(minutes=4), **asked)


def _see_doctors(user: User, opinion: SecondOpinion, *, at: datetime) -> None:
    """One visit behind her, with answers, and two to come."""
    for number, visit in enumerate(VISITS):
        said: dict[str, Any] = visit.said | {"zone": ZONE.key, "remind_before": 1440}
        if visit.is_second_opinion:
            said["opinion"] = opinion
        starts_at = _instant(at, visit.days_ago, visit.wall_time)
        appointment = appointments.add(by=user, uuid=_key(30 + number), at=at, starts_at=starts_at, **said)
        asked = [
            appointments.Asked(uuid=_key(100 + 10 * number + n), text=text, answer=answer)
            for n, (text, answer) in enumerate(visit.questions)
        ]
        appointments.set_questions(by=user, appointment=appointment, questions=asked, at=at)
    attempt = user.patient.attempts.get(treatment_type__key="physiotherapy")
    first = user.patient.appointments.earliest("starts_at")
    said = treatments.content_of(attempt).columns
    appointments.begin(by=user, appointment=first, uuid=attempt.uuid, at=at, on=local_date(at, ZONE), **said)


def _diagnosis(user: User, name: str) -> Diagnosis:
    return user.patient.diagnoses.get(name=name)


def _picture(lines: tuple[str, ...]) -> bytes:
    """A made-up sheet from a laboratory or a practice."""
    written = io.BytesIO()
    sheet = Image.new("L", (640, 90 + 50 * len(lines)), 255)
    pen = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        pen.text((40, 40 + 50 * number), line, fill=20, font_size=28 if number else 34)
    pen.text((40, 55 + 50 * len(lines)), "Made up for the demonstration.", fill=110, font_size=18)
    sheet.save(written, format="PNG")
    return written.getvalue()


def _instant(at: datetime, days_ago: int, wall_time: time) -> datetime:
    return datetime.combine(local_date(at, ZONE) - timedelta(days=days_ago), wall_time, ZONE)


def _key(number: int) -> UUID:
    return UUID(int=number, version=4)
