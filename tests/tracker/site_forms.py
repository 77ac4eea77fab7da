"""The forms of the site, and what each field of them may be sent: who adds a form adds it here."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from tests.tracker.api.conftest import TODAY
from tracker.services import red_flags


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form of the site: `texts` are kept as they are written, `others` are checked for what they mean."""

    name: str
    key: str = ""
    named: str = ""  # what stands in the address instead of a key
    valid: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)  # name -> greatest length
    others: tuple[str, ...] = ()

    def url(self, of: dict[str, Any]) -> str:
        if not self.key:
            return reverse(self.name, args=[self.named] if self.named else [])
        target = of[self.key]
        return reverse(self.name, args=[target.pk if self.key == "advice" else target.uuid])


ENTRY = {"nrs": "4", "day": "2026-03-01", "wall_time": "07:30", "quality": ""}
ATTEMPT = {"treatment_type": "own", "own_words": "x", "started_on": "2026-03-01"}
ATTEMPT_TEXTS = {"own_words": 120, "dose": 120, "told_name": 200, "told_by": 200, "prescribed_by": 200}
ATTEMPT_OTHERS = ("uuid", "treatment_type", "started_on", "site", "diagnosis", "own_onset_days", "own_trial_days")
MEDICINE = {"name": "Ibuprofen"}
MEDICINE_TEXTS = {"name": 120, "dose": 120, "taken_for": 200}
INTAKE = {"day": "2026-03-01", "wall_time": "07:30"}
SHORT_SET = [question.id for question in red_flags.questions()]
REMINDER = {"kind": "log_pain", "wall_time": "07:00", "weekdays": ["1"], "channels": ["email"], "is_active": "on"}

BESIDE_TEXTS = {"note": 4000, "managed": 500, "helped": 500}
BESIDE = ("interference", "sleep", "mood", "triggers", "eased_by")

FORMS = [
    Form(name="entry_add", valid={"nrs": "4"}, others=("nrs", "uuid")),
    Form(
        name="entry_earlier",
        valid=ENTRY,
        texts=BESIDE_TEXTS,
        others=("nrs", "day", "wall_time", "quality", "sites", "uuid", *BESIDE),
    ),
    Form(
        name="entry_edit",
        key="entry",
        valid=ENTRY,
        texts=BESIDE_TEXTS,
        others=("nrs", "day", "wall_time", "quality", "sites", *BESIDE),
    ),
    Form(
        name="entry_detail",
        key="entry",
        valid={"quality": ""},
        texts=BESIDE_TEXTS,
        others=("quality", "sites", *BESIDE),
    ),
    Form(
        name="entry_sites",
        key="entry",
        valid={"sites": ["neck"], "nrs_neck": "4"},
        others=("sites", "nrs_neck", "quality_neck"),
    ),
    Form(name="entry_restore", others=("token",)),
    Form(name="entry_again", others=("uuid", "of")),
    Form(name="attempt_add", valid=ATTEMPT, texts=ATTEMPT_TEXTS, others=ATTEMPT_OTHERS),
    Form(name="attempt_edit", key="attempt", valid=ATTEMPT, texts=ATTEMPT_TEXTS, others=ATTEMPT_OTHERS),
    Form(name="attempt_delete", key="attempt", others=("x",)),
    Form(
        name="attempt_stop",
        key="attempt",
        valid={"stopped_on": str(TODAY), "reason": ""},
        others=("stopped_on", "reason", "side_effects"),
    ),
    Form(
        name="attempt_dose", key="attempt", valid={"dose": "", "from_day": "2026"}, others=("uuid", "dose", "from_day")
    ),
    Form(name="attempt_recall", key="attempt", others=("recalled_nrs",)),
    Form(name="advice_respond", key="advice", valid={"action": "later"}, others=("action", "from", "until")),
    Form(
        name="diagnosis_add",
        valid={"name": "Strain"},
        texts={"name": 200, "said_by": 200, "ground": 500},
        others=("uuid", "said_on", "basis"),
    ),
    Form(
        name="diagnosis_edit",
        key="diagnosis",
        valid={"name": "Strain"},
        texts={"name": 200, "said_by": 200, "ground": 500},
        others=("uuid", "said_on", "basis"),
    ),
    Form(name="diagnosis_delete", key="diagnosis", others=("x",)),
    Form(
        name="proposal_add",
        valid={"name": "Operation", "decision": "open"},
        texts={"name": 200, "proposed_by": 200, "reason": 500},
        others=("uuid", "proposed_on", "decision"),
    ),
    Form(
        name="proposal_edit",
        key="proposal",
        valid={"name": "Operation", "decision": "open"},
        texts={"name": 200, "proposed_by": 200, "reason": 500},
        others=("uuid", "proposed_on", "decision"),
    ),
    Form(name="proposal_delete", key="proposal", others=("x",)),
    Form(name="questionnaire_fill", named="peg", valid={"pain": "7"}, others=("uuid", "enjoyment", "activity")),
    Form(name="questionnaire_fill", named="global_change", others=("uuid", "compared", "attempt")),
    Form(name="questionnaire_fill", named="rmdq", others=("uuid", "rmdq_1")),
    Form(name="questionnaire_put_off", named="peg", others=("days",)),
    Form(name="response_delete", key="response", others=("x",)),
    Form(
        name="session_add",
        valid={"exercises_done": ["cat_camel"]},
        others=("exercises_done", "hurt", "pain_during", "shown_at"),
    ),
    Form(name="morning_add", others=("on", "pain", "from")),
    Form(name="move_gate", others=("falls", "infection", "wings")),
    Form(name="move_habit", texts={"anchor": 120}, others=("rises_at", "is_measured")),
    Form(name="move_wish", others=("wish", "swap", "easier_today")),
    Form(name="move_trial", others=("judge",)),
    Form(name="move_reminders", others=("fewer",)),
    Form(
        name="settings_home",
        texts={"display_name": 80},
        others=("quiet_from", "quiet_until", "emergency_region"),
    ),
    Form(name="asked_edit", others=("asked",)),
    Form(name="zone_confirm", others=("zone",)),
    Form(name="zone_device", others=("zone",)),
    Form(name="zone_keep", others=("zone",)),
    Form(name="zone_follow", others=("zone",)),
    Form(name="mail_words", others=("says_more",)),
    Form(name="flare_begin", others=("from",)),
    Form(name="flare_end", others=("from",)),
    Form(name="reminder_add", valid=REMINDER, others=("kind", "wall_time", "weekdays", "is_active")),
    Form(name="reminder_edit", key="reminder", valid=REMINDER, others=("wall_time", "weekdays", "is_active")),
    Form(name="reminder_list", others=("until",)),
    Form(name="reminder_ways", others=("name", "endpoint", "public_key", "auth_secret")),
    Form(name="feed_words", others=("has_words",)),
    Form(
        name="health",
        texts={"allergies": 2000, "conditions": 2000, "operations": 2000, "implants": 2000},
        others=("birth_year", "sex", "fact_diabetes"),
    ),
    Form(name="medicine_add", valid=MEDICINE, texts=MEDICINE_TEXTS, others=("uuid", "started_on", "is_as_needed")),
    Form(name="medicine_edit", key="medicine", valid=MEDICINE, texts=MEDICINE_TEXTS, others=("stopped_on",)),
    Form(name="medicine_stop", key="medicine", others=("stopped_on",)),
    Form(name="intake_add", key="medicine", valid=INTAKE, texts={"dose": 120}, others=("uuid", "day", "wall_time")),
    Form(name="intake_edit", key="intake", valid=INTAKE, texts={"dose": 120}, others=("day", "wall_time")),
    Form(name="intake_tap", others=("uuid", "medicine", "entry", "from")),
    Form(
        name="import_file",
        key="import_file",
        valid={"column_0": "day", "column_1": "pain", "has_header": "on"},
        others=("column_0", "column_1", "has_header", "day_order", "encoding", "leave_out_unrated"),
    ),
    Form(name="record_open", others=("display_name", "is_adult", "consents", "zone")),
    Form(name="checkup:start", others=("x",)),
    Form(name="checkup:question", key="assessment", others=("question", "answer", "unsure")),
    Form(name="red_flags", others=("uuid", *SHORT_SET)),
    Form(name="red_flags_later", others=("uuid",)),
    Form(name="account_login", valid={"login": "a@example.org", "password": "x"}, others=("login", "password", "next")),
    Form(
        name="account_signup",
        valid={"email": "e@example.org", "password1": "x"},
        others=("email", "password1", "display_name", "is_adult", "consents", "zone"),
    ),
    Form(name="account_reset_password", others=("email",)),
    Form(
        name="plan",
        valid={"treatment_type": "own", "own_words": "x", "when": "now"},
        others=("treatment_type", "own_words", "dose", "site", "prescribed_by", "when", "planned_for"),
    ),
    Form(name="attempt_day", key="attempt", others=("day", "said")),
    Form(name="attempt_pause", key="attempt", others=("from_day",)),
    Form(name="attempt_resume", key="attempt", others=("from_day",)),
    Form(name="attempt_restart", key="attempt", others=("uuid", "from_day")),
    Form(name="file_list", valid={"kind": "photo"}, others=("uuid", "file", "kind", "title", "made_on")),
    Form(name="file_edit", key="file", valid={"kind": "photo"}, texts={"title": 200}, others=("kind", "made_on")),
    Form(name="opinion_begin", others=("attempt",)),
    Form(
        name="opinion_question",
        key="opinion",
        texts={"question": 10_000, "goal": 10_000, "worry": 10_000},
        others=("refer_to",),
    ),
    Form(
        name="opinion_contents",
        key="opinion",
        texts={"earlier_advice": 10_000},
        others=("included", "log_from", "attached"),
    ),
    Form(name="opinion_words", key="opinion", others=("sentence-x", "sentence-aaaaaaaaaaaaaaaa")),
    Form(
        name="opinion_view",
        key="opinion",
        valid={"diagnosis": "Strain"},
        texts={"clinician": 200, "ground": 10_000, "advice": 10_000},
        others=("uuid", "diagnosis"),
    ),
    Form(name="opinion_compare", key="opinion", others=("outcome", "called_now", "what_changes")),
    Form(name="opinion_paper", key="opinion", others=("paper",)),
    Form(
        name="share_add",
        valid={"scope": "summary", "days": "14"},
        texts={"meant_for": 200},
        others=("uuid", "scope", "opinion", "first_day", "last_day", "days", "passphrase", "opens_sealed"),
    ),
    Form(
        name="summary_choose",
        others=("period", "first_day", "last_day", "version", "paper", "parts", "question", "goal", "worry"),
    ),
    Form(name="summary_change", key="summary", others=("period", "first_day", "version", "paper", "question")),
    Form(
        name="appointment_add",
        valid={"day": "2026-12-01", "wall_time": "09:00"},
        texts={"with_whom": 200, "place": 500, "purpose": 10_000},
        others=("uuid", "day", "wall_time", "remind_before", "opinion"),
    ),
    Form(
        name="appointment_edit",
        key="visit",
        valid={"day": "2026-12-01", "wall_time": "09:00"},
        texts={"with_whom": 200, "place": 500, "purpose": 10_000},
        others=("day", "wall_time", "remind_before"),
    ),
    Form(name="appointment_detail", key="visit", others=("take", "drop", "new_uuid", "decided")),
]
# Addresses whose forms carry nothing but the address itself, and those that are tested by hand below.
WITHOUT_FIELDS = {
    "entry_delete",
    "help_seen",
    "reminder_delete",
    "medicine_delete",
    "intake_delete",
    "import_take_back",
    "import_confirm",
    "import_forget",
    "demo_login",
    "checkup:seen",
    "checkup:discard",
    "checkup:correct",
    "reminder_act",
    "unsubscribe",
    "attempt_restore",
    "plan_begin",
    "plan_drop",
    "file_delete",
    "session_delete",
    "opinion_close",
    "opinion_delete",
    "opinion_sealed",
    "summary_delete",
    "share_end",
    "appointment_begin",
    "appointment_cancel",
    "appointment_delete",
    "appointment_reinstate",
    "device_remove",
    "device_test",
    "feed_replace",
    "feed_stop",
    "mail_start_again",
    "pause_end",
    "sick_day",
    "sick_day_end",
}
CHECKUP_BUTTONS = ("checkup:seen", "checkup:discard", "checkup:correct")
BY_HAND = {"import_log", "erase_all"}
# Reached by a key that no account has: test_sharing_pages.py.
BY_HAND |= {"share_answer", "shared", "shared_close", "shared_file", "shared_question", "shared_sealed", "shared_view"}
BY_HAND |= {"shared_fhir", "shared_paper", "shared_pdf"}
