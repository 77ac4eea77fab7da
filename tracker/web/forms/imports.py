from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tracker.domain.column_mapping import ColumnMapping, Meaning, WrongMapping
from tracker.domain.log_faults import Fault
from tracker.domain.log_file import LogFile, Question
from tracker.domain.set_aside import MAX_WITH_FILES
from tracker.domain.text_file import MAX_BYTES, Encoding
from tracker.domain.written_time import DayOrder
from tracker.services import record_imports


class LogFileForm(forms.Form):
    file = forms.FileField(
        label=_("Your file"),
        help_text=_(
            "A table saved as CSV or text, up to 20 megabytes and 50,000 rows, or a file that Ebb has exported."
        ),
        # An empty file gets the same kind of message as any other wrong one.
        allow_empty_file=True,
        widget=forms.FileInput(
            attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values,.json,application/json"}
        ),
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        is_record = record_imports.is_record(file.read(64))
        file.seek(0)
        most = MAX_WITH_FILES if is_record else MAX_BYTES
        if file.size > most:
            said = _("This file is larger than %(n)d megabytes.")
            raise forms.ValidationError(said, params={"n": most // 1_000_000})
        return file


N_SAMPLES = 3
SAMPLE_LENGTH = 40
MEANINGS = [
    (
        _("When"),
        [
            (Meaning.DAY, _("Day")),
            (Meaning.TIME, _("Time of day")),
            (Meaning.MOMENT, _("Day and time")),
        ],
    ),
    (
        _("Pain"),
        [
            (Meaning.PAIN, _("Pain, 0 to 10")),
            (Meaning.PAIN_TO_100, _("Pain, 0 to 100")),
            (Meaning.PAIN_TO_5, _("Pain, 1 to 5")),
        ],
    ),
    (
        _("Words"),
        [
            (Meaning.NOTE, _("Note")),
            (Meaning.TO_NOTE, _("Add to the note, with its name")),
            (Meaning.SITE, _("Place of the pain")),
            (Meaning.HELPED, _("What helped")),
        ],
    ),
    (
        _("In the way of life"),
        [
            (Meaning.INTERFERENCE, _("In the way, 0 to 10")),
            (Meaning.INTERFERENCE_TO_100, _("In the way, 0 to 100")),
            (Meaning.INTERFERENCE_TO_5, _("In the way, 1 to 5")),
        ],
    ),
    (
        _("Sleep"),
        [
            (Meaning.SLEEP, _("Sleep, 0 to 10")),
            (Meaning.SLEEP_TO_100, _("Sleep, 0 to 100")),
            (Meaning.SLEEP_TO_5, _("Sleep, 1 to 5")),
        ],
    ),
    (
        _("Mood"),
        [
            (Meaning.MOOD, _("Mood, 0 to 10")),
            (Meaning.MOOD_TO_100, _("Mood, 0 to 100")),
            (Meaning.MOOD_TO_5, _("Mood, 1 to 5")),
        ],
    ),
    (Meaning.IGNORE, _("Leave out")),
]
ENCODING_NAMES = {
    Encoding.WINDOWS: _("Windows"),
    Encoding.MAC: _("an older Mac"),
    Encoding.DOS: _("DOS"),
}
ORDER_NAMES = {
    DayOrder.DAY_FIRST: _("The day is written first"),
    DayOrder.MONTH_FIRST: _("The month is written first"),
}


class ColumnsForm(forms.Form):
    """What each column means, and the questions that only the patient can answer. Shows what `log` was read with."""

    def __init__(self, data: Any = None, *, log: LogFile) -> None:
        self.log = log
        super().__init__(data)
        self._ask_for_columns()
        self._ask_for_encoding()
        self._ask_for_order()
        self.fields["has_header"] = forms.BooleanField(
            label=_("The first line names the columns"), required=False, initial=log.mapping.has_header
        )
        if log.mapping.leave_out_unrated or any(problem.fault is Fault.NO_PAIN for problem in log.problems):
            self.fields["leave_out_unrated"] = forms.BooleanField(
                label=_("Leave out lines without a rating"), required=False, initial=log.mapping.leave_out_unrated
            )

    def _ask_for_columns(self) -> None:
        lines = self.log.table.lines[1 if self.log.mapping.has_header else 0 :]
        for place, (name, meaning) in enumerate(zip(self.log.header, self.log.mapping.columns, strict=True)):
            cells = (line.cells[place].strip() for line in lines if place < len(line.cells))
            samples = list(dict.fromkeys(cell[:SAMPLE_LENGTH] for cell in cells if cell))[:N_SAMPLES]
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=name[:SAMPLE_LENGTH],
                choices=MEANINGS,
                initial=meaning.value,
                help_text=" · ".join(samples) or _("empty"),
            )

    def _ask_for_encoding(self) -> None:
        if not (examples := self.log.table.file.examples):
            return
        self.fields["encoding"] = forms.ChoiceField(
            label=_("Which of these reads right?"),
            choices=[
                (encoding.value, f"{' · '.join(words)} ({ENCODING_NAMES[encoding]})")
                for encoding, words in examples.items()
            ],
            initial=self.log.mapping.encoding and self.log.mapping.encoding.value,
            widget=forms.RadioSelect,
            help_text=_("The file does not say how its letters are written. If none is right, save it as CSV UTF-8."),
        )

    def _ask_for_order(self) -> None:
        if Question.DAY_ORDER not in self.log.questions and self.log.mapping.day_order is None:
            return
        read = {order: date_format(day) for order, day in self.log.doubtful_days}
        self.fields["day_order"] = forms.ChoiceField(
            label=_("How are the days written?"),
            choices=[
                (order.value, f"{words}: {read[order]}" if order in read else words)
                for order, words in ORDER_NAMES.items()
            ],
            initial=self.log.mapping.day_order and self.log.mapping.day_order.value,
            widget=forms.RadioSelect,
            help_text=format_html(_("In the file: {}"), self.log.doubtful_day) if self.log.doubtful_day else "",
        )

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not self.errors:
            try:
                self.mapping = self._mapping(said)
            except WrongMapping:
                raise forms.ValidationError(
                    _("Two columns have the same meaning. Choose one of them; the other may be added to the note.")
                ) from None
        return said

    def _mapping(self, said: dict[str, Any]) -> ColumnMapping:
        return ColumnMapping(
            columns=tuple(Meaning(said[f"column_{place}"]) for place in range(self.log.table.n_columns)),
            has_header=said["has_header"],
            day_order=DayOrder(said["day_order"]) if "day_order" in said else None,
            encoding=Encoding(said["encoding"]) if "encoding" in said else None,
            leave_out_unrated=said.get("leave_out_unrated", False),
        )

    @property
    def is_as_shown(self) -> bool:
        """Whether it says what the page in front of the patient was worked out with."""
        return self.mapping == self.log.mapping

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("column_")]
