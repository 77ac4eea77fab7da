from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from tracker.api.parsers import read_json
from tracker.domain.column_mapping import Meaning
from tracker.domain.log_faults import Fault
from tracker.domain.log_file import Conversion, LogFile, Question
from tracker.domain.text_file import OLDER
from tracker.domain.written_time import DayOrder
from tracker.models import ImportFile, LogImport
from tracker.services import import_words
from tracker.services.imports import Preview

DONE, TAKEN_BACK = "done", "taken_back"
STATES = [*(state for state in ImportFile.State.values if state != ImportFile.State.TAKEN), DONE, TAKEN_BACK]


class MappingSerializer(serializers.Serializer):
    """What each column holds; `pain_0_100` and `pain_1_5` are stretched to 0 to 10."""

    columns = serializers.ListField(child=serializers.ChoiceField(choices=list(Meaning)))
    has_header = serializers.BooleanField()
    day_order = serializers.ChoiceField(choices=list(DayOrder), allow_null=True)
    encoding = serializers.ChoiceField(choices=list(OLDER), allow_null=True)
    leave_out_unrated = serializers.BooleanField()


@extend_schema_field(OpenApiTypes.STR)
class MappingText(serializers.Field):
    """A mapping written as JSON; its meaning is checked with the table that it is for."""

    default_error_messages = {"invalid": _("This must be a mapping written as JSON.")}

    def to_internal_value(self, data: Any) -> Any:
        try:
            return read_json(data.encode())
        except (AttributeError, ValueError, RecursionError):
            self.fail("invalid")


class ImportRequestSerializer(serializers.Serializer):
    dry_run = serializers.BooleanField(default=False, help_text="Only tell what would happen.")
    filename = serializers.CharField(default="", allow_blank=True, max_length=1_000, trim_whitespace=False)
    mapping = MappingText(
        default=None, help_text="What the columns mean, as a dry run tells it; else it is remembered, or guessed."
    )


class ImportUploadSerializer(ImportRequestSerializer):
    file = serializers.FileField(allow_empty_file=True, use_url=False, max_length=1_000)
    filename = None


class ProblemInFileSerializer(serializers.Serializer):
    fault = serializers.ChoiceField(choices=list(Fault))
    line = serializers.IntegerField()
    column = serializers.CharField()
    given = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, problem: Any) -> str:
        return import_words.of_problem(problem)


class ConversionSerializer(serializers.Serializer):
    """A number of the file that is kept as another, and how often."""

    column = serializers.CharField(source="0.column")
    given = serializers.CharField(source="0.given")
    kept = serializers.IntegerField(source="0.kept")
    n = serializers.IntegerField(source="1")

    def to_representation(self, told: tuple[Conversion, int]) -> dict[str, Any]:
        change, n = told
        return {"column": change.column, "given": str(change.given), "kept": change.kept, "n": n}


class FirstRowSerializer(serializers.Serializer):
    line = serializers.IntegerField()
    felt_at = serializers.DateTimeField()
    local_date = serializers.DateField()
    nrs = serializers.IntegerField()
    site = serializers.CharField()
    interference = serializers.IntegerField(allow_null=True)
    sleep = serializers.IntegerField(allow_null=True)
    mood = serializers.IntegerField(allow_null=True)
    helped = serializers.CharField()
    note = serializers.CharField()


class TallySerializer(serializers.Serializer):
    n_new = serializers.IntegerField()
    n_present = serializers.IntegerField()
    n_different = serializers.IntegerField()
    n_deleted = serializers.IntegerField()
    n_left = serializers.IntegerField()


class DryRunSerializer(serializers.Serializer):
    """What an import would do: of a table what its columns mean, of an exported record the `tallies` of its lists."""

    is_ready = serializers.BooleanField()
    n_rows = serializers.IntegerField()
    n_new = serializers.IntegerField()
    n_duplicates = serializers.IntegerField(required=False)
    n_rounded = serializers.IntegerField(required=False)
    n_unrated = serializers.IntegerField(required=False)
    columns = serializers.ListField(child=serializers.CharField(), required=False)
    unused_columns = serializers.ListField(child=serializers.CharField(), required=False)
    mapping = MappingSerializer(required=False)
    questions = serializers.ListField(child=serializers.ChoiceField(choices=list(Question)), required=False)
    messages = serializers.ListField(child=serializers.CharField(), required=False)
    problems = ProblemInFileSerializer(many=True, required=False)
    n_more_problems = serializers.IntegerField(required=False)
    conversions = ConversionSerializer(many=True, required=False)
    first_rows = FirstRowSerializer(many=True, required=False)
    tallies = serializers.DictField(child=TallySerializer(), required=False)


def of_preview(preview: Preview) -> dict[str, Any]:
    """A look at a table as DryRunSerializer shows it."""
    log: LogFile = preview.log
    return {
        "is_ready": log.is_ready,
        "n_rows": preview.n_rows,
        "n_new": preview.n_new,
        "n_duplicates": preview.n_duplicates,
        "n_rounded": log.n_rounded,
        "n_unrated": log.n_unrated_left_out,
        "columns": log.header,
        "unused_columns": log.unused_columns,
        "mapping": log.mapping.plain(),
        "questions": sorted(log.questions),
        "messages": preview.messages,
        "problems": log.problems,
        "n_more_problems": log.n_more_problems,
        "conversions": log.conversions,
        "first_rows": preview.first_rows,
    }


class ImportSerializer(serializers.Serializer):
    """A file from the moment it is sent; counts are null until it is done."""

    uuid = serializers.UUIDField()
    filename = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    at = serializers.DateTimeField(help_text="When it was taken over; before that, when it was sent.")
    n_rows = serializers.IntegerField(help_text="Rows of the file; before it is done, about as many.")
    n_read = serializers.IntegerField()
    n_files = serializers.IntegerField(help_text="Large attached files in it; each is made ready before it comes in.")
    n_files_ready = serializers.IntegerField()
    n_added = serializers.IntegerField(allow_null=True)
    n_duplicates = serializers.IntegerField(allow_null=True)
    n_rounded = serializers.IntegerField(allow_null=True)
    n_unrated = serializers.IntegerField(allow_null=True)
    n_brought = serializers.DictField(
        child=serializers.IntegerField(), help_text="What a record has brought beside entries, by list of its tallies."
    )
    messages = serializers.ListField(child=serializers.CharField(), help_text="Why it was refused.")
    taken_back_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, one: LogImport | ImportFile) -> dict[str, Any]:
        return super().to_representation(_of_import(one) if isinstance(one, LogImport) else _of_file(one))


def _of_import(one: LogImport) -> dict[str, Any]:
    counts = {name: getattr(one, name) for name in ("n_rows", "n_added", "n_duplicates", "n_rounded", "n_unrated")}
    return counts | {
        "uuid": one.uuid,
        "filename": one.filename,
        "state": TAKEN_BACK if one.taken_back_at else DONE,
        "at": one.imported_at,
        "n_read": one.n_rows,
        "n_files": (n_files := len(one.brought.get("attachments", []))),
        "n_files_ready": n_files,
        "n_brought": one.n_brought,
        "messages": [],
        "taken_back_at": one.taken_back_at,
    }


def _of_file(file: ImportFile) -> dict[str, Any]:
    return dict.fromkeys(("n_added", "n_duplicates", "n_rounded", "n_unrated", "taken_back_at")) | {
        "uuid": file.uuid,
        "filename": file.filename,
        "state": file.state,
        "at": file.kept_at,
        "n_rows": file.n_rows,
        "n_read": file.n_read,
        "n_files": file.n_files,
        "n_files_ready": file.n_files_ready,
        "n_brought": {},
        "messages": file.problems,
    }


@extend_schema_serializer(many=False)
class ImportPageSerializer(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ImportSerializer(many=True)
    under_way = ImportSerializer(many=True, help_text="Files that are not imports yet.")
