from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.errors import DomainError
from tracker.models import Intake, Medicine, Patient, User
from tracker.services import medicines
from tracker.web.forms.fields import PlainText, day_field, time_field
from tracker.web.forms.refusable import RefusableForm

REFUSALS: dict[type[DomainError], tuple[str | None, str]] = {
    medicines.MedicineAlreadyThere: (None, _("This medicine has been saved already, with other words.")),
    medicines.MedicineNameMissing: ("name", _("Say what it is called.")),
    medicines.MedicineDayOutOfRange: (None, _("Choose days from 1900 to a year from now.")),
    medicines.MedicineStopsBeforeStart: ("stopped_on", _("This day lies before the first day.")),
    medicines.IntakeInFuture: ("wall_time", _("This moment has not come yet.")),
    medicines.IntakeTooOld: ("day", _("The record begins with the year 1900.")),
}


class MedicineServiceForm(RefusableForm):
    refusals = REFUSALS


class MedicineForm(MedicineServiceForm):
    """A medicine that is put on the list, or put right."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = PlainText(label=_("What is it called?"), max_length=medicines.LENGTHS["name"])
    dose = PlainText(
        label=_("How much do you take at a time?"),
        max_length=medicines.LENGTHS["dose"],
        required=False,
        help_text=_("Such as 400 mg, or 1 tablet. One tap on Today logs this dose."),
    )
    is_as_needed = forms.BooleanField(label=_("Only when I need it"), required=False)
    taken_for = PlainText(label=_("What for?"), max_length=medicines.LENGTHS["taken_for"], required=False)
    started_on = day_field(_("First day"), required=False)

    def __init__(self, *args, today: date, medicine: Medicine | None = None, **kwargs) -> None:
        self.medicine, self.today = medicine, today
        said = medicines.content_of(medicine).columns if medicine else {"is_as_needed": True}
        super().__init__(*args, initial=said | {"uuid": uuid4()}, **kwargs)
        if medicine:
            self.fields["stopped_on"] = day_field(_("First day without it"), required=False)

    def save(self, *, by: User, at: datetime) -> Medicine | None:
        said = dict(self.cleaned_data)
        uuid, when = said.pop("uuid") or uuid4(), {"by": by, "at": at, "on": self.today}
        if self.medicine:
            return self.carried_out(lambda: medicines.change_medicine(medicine=self.medicine, **when, **said))
        return self.carried_out(lambda: medicines.add_medicine(uuid=uuid, **when, **said))


class StopMedicineForm(MedicineServiceForm):
    stopped_on = day_field(_("First day without it"))

    def __init__(self, *args, today: date, medicine: Medicine, **kwargs) -> None:
        self.medicine, self.today = medicine, today
        super().__init__(*args, initial={"stopped_on": today}, **kwargs)

    def save(self, *, by: User, at: datetime) -> Medicine | None:
        when = {"by": by, "at": at, "on": self.today, "stopped_on": self.cleaned_data["stopped_on"]}
        return self.carried_out(lambda: medicines.stop_medicine(medicine=self.medicine, **when))


class TapForm(forms.Form):
    """One of the medicines that stand on Today."""

    uuid = forms.UUIDField(required=False)
    medicine = forms.UUIDField()


class IntakeForm(MedicineServiceForm):
    """An intake at another time or dose, or one that is put right."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    day = day_field(_("Day"))
    wall_time = time_field(_("Time"))
    dose = PlainText(label=_("How much"), max_length=medicines.LENGTHS["dose"], required=False)

    def __init__(
        self, *args, patient: Patient, medicine: Medicine, now: datetime, intake: Intake | None = None, **kwargs
    ) -> None:
        self.medicine, self.intake = medicine, intake
        self.zone = ZoneInfo(intake.zone if intake else patient.zone)
        local = (intake.taken_at if intake else now).astimezone(self.zone).replace(second=0, microsecond=0)
        dose = intake.dose if intake else medicine.dose
        told = {"uuid": uuid4(), "day": local.date(), "wall_time": local.time(), "dose": dose}
        super().__init__(*args, initial=told, **kwargs)

    def taken_at(self) -> datetime:
        """In the zone of the intake. A time that comes twice means the first; a skipped one the later reading."""
        if self.intake and not {"day", "wall_time"}.intersection(self.changed_data):
            return self.intake.taken_at
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["wall_time"], self.zone)

    def save(self, *, by: User, at: datetime) -> Intake | None:
        uuid = self.intake.uuid if self.intake else self.cleaned_data["uuid"] or uuid4()
        said = {"taken_at": self.taken_at(), "dose": self.cleaned_data["dose"], "zone": self.zone.key}
        done = self.carried_out(lambda: medicines.take(by=by, uuid=uuid, medicine=self.medicine, at=at, **said))
        return done[0] if done else None
