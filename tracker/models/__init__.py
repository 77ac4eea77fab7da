from tracker.models.accounts import EmergencyRegion, Patient, User
from tracker.models.advice import Advice
from tracker.models.appointments import Appointment, VisitQuestion
from tracker.models.audit import AuditEvent, Tick
from tracker.models.channels import CalendarFeed, Circuit, MailStop, PushDevice
from tracker.models.exercises import ExerciseProgramme, ExerciseSession
from tracker.models.health import HealthProfile, Intake, Medicine
from tracker.models.imports import ImportFile, ImportPart, LogImport
from tracker.models.nights import Calibration, NightShard
from tracker.models.pain import EntrySite, EntryTombstone, PainEntry
from tracker.models.proposals import Proposal
from tracker.models.questionnaires import QuestionnaireResponse, RedFlagScreen
from tracker.models.reminders import Occurrence, Reminder
from tracker.models.second_opinions import Attachment, Comparison, IndependentView, SecondOpinion
from tracker.models.sharing import Share, ShareQuestion, ShareView
from tracker.models.summaries import Summary
from tracker.models.treatments import Diagnosis, TreatmentAttempt, TreatmentDay, TreatmentPlan, TreatmentType
from tracker.models.verdicts import Verdict

__all__ = [
    "Advice",
    "Appointment",
    "Attachment",
    "AuditEvent",
    "CalendarFeed",
    "Calibration",
    "Circuit",
    "Comparison",
    "Diagnosis",
    "EmergencyRegion",
    "EntrySite",
    "EntryTombstone",
    "ExerciseProgramme",
    "ExerciseSession",
    "HealthProfile",
    "ImportFile",
    "ImportPart",
    "IndependentView",
    "Intake",
    "LogImport",
    "MailStop",
    "Medicine",
    "NightShard",
    "Occurrence",
    "PainEntry",
    "Patient",
    "Proposal",
    "PushDevice",
    "QuestionnaireResponse",
    "RedFlagScreen",
    "Reminder",
    "SecondOpinion",
    "Share",
    "ShareQuestion",
    "ShareView",
    "Summary",
    "Tick",
    "TreatmentAttempt",
    "TreatmentDay",
    "TreatmentPlan",
    "TreatmentType",
    "User",
    "Verdict",
    "VisitQuestion",
]
