"""Second opinions, files, links and appointments of an exported record, brought back with all that hangs on them.

Links come back as ended: their keys belong to the Ebb that made them. A file is cleaned once more before it is kept.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Model

from tracker.domain.record_file import Fault, SetAside
from tracker.models import (
    Appointment,
    Comparison,
    IndependentView,
    SecondOpinion,
    Share,
    ShareQuestion,
    ShareView,
    TreatmentPlan,
    User,
    VisitQuestion,
)
from tracker.services import appointments, attachments, sharing
from tracker.services.exports import Row
from tracker.services.pain_log import CLOCK_SKEW
from tracker.services.record_parts import ABOUT, Plan, refusals
from tracker.services.record_reading import Placed

Make = Callable[[Row, Placed], Model | None]
# Counted by the link they belong to, or worked out anew: no difference between two rows.
_NOT_SAID = ABOUT | {"n_bytes", "content", "n_wrong_tries", "locked_until", "revoked_at", "sequence", "attached"}


def bring(by: User, plan: Plan) -> None:
    """After the diagnoses and treatments that they name."""
    _bring_files(by, plan)
    _bring_opinions(plan)
    _bring_shares(plan)
    _bring_views(plan)
    _bring_comparisons(plan)
    _bring_what_was_done(plan)
    _bring_appointments(by, plan)


def _bring_files(by: User, plan: Plan) -> None:
    """A file whose content is not in the record stays where it was."""

    def make(row: Row, placed: Placed) -> Model | None:
        content, apart, is_clean = row.pop("content", b""), plan.record.aside, False
        said = {name: row.get(name, "") for name in ("kind", "title")} | {"made_on": row.get("made_on")}
        if isinstance(content, SetAside):
            if apart is None or content.number not in apart:
                raise plan.record.wrong(placed, Fault.NOT_THERE, ".content")
            if plan.is_look:
                about = {name: row[name] for name in ("uuid", "media_type", "digest", "n_bytes", "added_at")}
                with refusals(plan, placed):
                    attachments.check_room(plan.patient, row["n_bytes"])
                return plan.patient.attachments.create(content=b"", **about, **said)
            is_clean, content = apart.is_clean(content.number), apart[content.number]
        if not content:
            return None
        about = {"uuid": row["uuid"], "digest": row["digest"], "at": row["added_at"], "on": plan.record.today}
        with refusals(plan, placed):
            clean = content if is_clean else attachments.cleaned_file(content)
            return attachments.add_clean(by=by, clean=clean, **about, **said)

    known = {one.uuid: one for one in plan.patient.attachments.defer("content")}
    _each(plan, "attachments", known, make)


def _bring_opinions(plan: Plan) -> None:
    attempts, files = _by_uuid(plan.patient.attempts.all()), _by_uuid(plan.patient.attachments.defer("content"))

    def make(row: Row, placed: Placed) -> Model:
        if (row.get("sealed_opened_at") is None) != (not row.get("sealed_opened_by")):
            raise plan.record.wrong(placed, Fault.REFUSED, ".sealed_opened_by", "An opening says by whom.")
        row["attached"] = [str(uuid) for uuid in row.get("attached", []) if uuid in files]
        row["attempt"] = row.get("attempt") if row.get("attempt") in attempts else None  # one that runs here already
        said = _with(plan, placed, row, attempt=attempts) | {"changed_at": plan.record.at}
        return SecondOpinion.objects.create(patient=plan.patient, **said)

    _each(plan, "second_opinions", _by_uuid(plan.patient.second_opinions.all()), make)


def _bring_shares(plan: Plan) -> None:
    opinions = _by_uuid(plan.patient.second_opinions.all())

    def make(row: Row, placed: Placed) -> Model:
        said = _with(plan, placed, row, opinion=opinions)
        if (said["scope"] == Share.Scope.BRIEF) != (said.get("opinion") is not None):
            raise plan.record.wrong(placed, Fault.REFUSED, ".opinion", "A link to a brief names it.")
        said["revoked_at"] = said.get("revoked_at") or min(said["expires_at"], plan.record.at)
        # Nobody can give this passphrase; that there was one is what the list of links tells.
        passphrase = make_password(None) if said.get("opens_sealed") else ""
        digest = sharing.digest_of(plan.patient, said["uuid"])
        return Share.objects.create(patient=plan.patient, token_digest=digest, passphrase=passphrase, **said)

    _each(plan, "shares", _by_uuid(plan.patient.shares.all()), make)


def _bring_views(plan: Plan) -> None:
    opinions, shares = _by_uuid(plan.patient.second_opinions.all()), _by_uuid(plan.patient.shares.all())

    def make(row: Row, placed: Placed) -> Model:
        return IndependentView.objects.create(**_with(plan, placed, row, opinion=opinions, share=shares))

    known = IndependentView.objects.filter(opinion__patient=plan.patient)
    _each(plan, "independent_views", _by_uuid(known.select_related("opinion", "share")), make)


def _bring_comparisons(plan: Plan) -> None:
    """One of each diagnosis in each opinion."""
    opinions, diagnoses = _by_uuid(plan.patient.second_opinions.all()), _by_uuid(plan.patient.diagnoses.all())
    for placed in plan.record.rows["comparisons"]:
        # The same words of the same clinician are one diagnosis, which may have another key here.
        for name in ("diagnosis", "replaced_by"):
            key = placed.row.get(name)
            if key is not None and key in plan.diagnoses:
                placed.row[name] = plan.diagnoses[key].uuid

    def make(row: Row, placed: Placed) -> Model:
        return Comparison.objects.create(
            **_with(plan, placed, row, opinion=opinions, diagnosis=diagnoses, replaced_by=diagnoses)
        )

    kept = Comparison.objects.filter(opinion__patient=plan.patient).select_related(
        "opinion", "diagnosis", "replaced_by"
    )
    known = {(one.opinion.uuid, one.diagnosis.uuid): one for one in kept}
    _each(plan, "comparisons", known, make, key=lambda row: (row["opinion"], row["diagnosis"]))


def _bring_what_was_done(plan: Plan) -> None:
    """Through a link: what was looked at, and what was asked."""
    shares = _by_uuid(plan.patient.shares.all())
    seen = ShareView.objects.filter(share__patient=plan.patient).select_related("share")
    known = {(one.share.uuid, one.act, one.at): one for one in seen}
    _each(
        plan,
        "share_views",
        known,
        lambda row, placed: ShareView.objects.create(**_with(plan, placed, row, share=shares)),
        key=lambda row: (row["share"], row["act"], row["at"]),
    )
    asked = ShareQuestion.objects.filter(share__patient=plan.patient).select_related("share")
    _each(
        plan,
        "share_questions",
        _by_uuid(asked),
        lambda row, placed: ShareQuestion.objects.create(**_with(plan, placed, row, share=shares)),
    )


def _bring_appointments(by: User, plan: Plan) -> None:
    opinions, attempts = _by_uuid(plan.patient.second_opinions.all()), _by_uuid(plan.patient.attempts.all())

    def make(row: Row, placed: Placed) -> Model:
        row["next_attempt"] = row.get("next_attempt") if row.get("next_attempt") in attempts else None
        row = _with(plan, placed, row, opinion=opinions, next_attempt=attempts)
        said = {one.name: row[one.name] for one in fields(appointments.Content) if one.name in row}
        with refusals(plan, placed):
            made = appointments.add(by=by, uuid=row["uuid"], at=plan.record.at, **said)
            if row.get("cancelled_at"):
                appointments.cancel(by=by, appointment=made, at=plan.record.at)
        kept = ("next_attempt", "cancelled_at", "sequence", "created_at")
        Appointment.objects.filter(pk=made.pk).update(**{name: row[name] for name in kept if name in row})
        return made

    known = plan.patient.appointments.select_related("opinion", "next_attempt")
    _each(plan, "appointments", _by_uuid(known), make)
    visits = _by_uuid(plan.patient.appointments.all())
    for placed in plan.record.rows["treatment_plan"]:
        brought = TreatmentPlan.objects.filter(patient=plan.patient, uuid__in=plan.brought.get("treatment_plan", []))
        brought.filter(uuid=placed.row["uuid"]).update(visit=visits.get(placed.row.get("visit")))
    asked = VisitQuestion.objects.filter(appointment__patient=plan.patient).select_related("appointment")
    _each(
        plan,
        "visit_questions",
        _by_uuid(asked),
        lambda row, placed: VisitQuestion.objects.create(**_with(plan, placed, row, appointment=visits)),
    )


def _each(
    plan: Plan,
    name: str,
    known: Mapping[Any, Any],
    make: Make,
    *,
    key: Callable[[Row], Any] = lambda row: row["uuid"],
) -> None:
    """Each row of a list: there already, different here, new, or left in the file where `make` makes nothing of it."""
    tally = plan.tallies[name]
    for placed in plan.record.rows[name]:
        row = dict(placed.row)
        _check_past(plan, placed)
        if (earlier := known.get(key(row))) is not None:
            is_same = _is_same(earlier, row)
            tally.n_present += is_same
            tally.n_different += not is_same
            continue
        made = make(row, placed)
        tally.n_new += made is not None
        tally.n_left += made is None
        if made is not None and "uuid" in row:
            plan.brought.setdefault(name, []).append(str(row["uuid"]))


def _is_same(earlier: Any, row: Row) -> bool:
    there = {name: getattr(earlier, name) for name in row if name not in _NOT_SAID}
    return all(row[name] == getattr(value, "uuid", value) for name, value in there.items())


def _check_past(plan: Plan, placed: Placed) -> None:
    """What was written down was so before now; only a visit and the end of a link may be to come."""
    for name in ("created_at", "added_at", "written_at", "compared_at", "asked_at", "answered_at", "at"):
        at = placed.row.get(name)
        if at is not None and at > plan.record.at + CLOCK_SKEW:
            raise plan.record.wrong(placed, Fault.IN_FUTURE, f".{name}", at.isoformat())


def _with(plan: Plan, placed: Placed, row: Row, **rows: Mapping[Any, Any]) -> Row:
    """The row with other rows in place of their keys."""
    named = {name: row[name] for name in rows if row.get(name) is not None}
    for name, key in named.items():
        if key not in rows[name]:
            raise plan.record.wrong(placed, Fault.NOT_THERE, f".{name}", str(key))
    return row | {name: rows[name][key] for name, key in named.items()}


def _by_uuid(rows: Iterable[Any]) -> dict[Any, Any]:
    return {row.uuid: row for row in rows}
