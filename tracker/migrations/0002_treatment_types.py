"""The first list of treatment types. Days are (expected onset, fair trial); all await a clinician's review."""

from django.db import migrations

# key, name, class, nature, onset, trial, prescribed
TYPES = [
    ("paracetamol", "Paracetamol", "medicine", "symptomatic", 3, 14, False),
    ("oral_nsaid", "Anti-inflammatory tablets (such as ibuprofen, naproxen)", "medicine", "symptomatic", 7, 14, False),
    ("topical_nsaid", "Anti-inflammatory gel or ointment", "topical", "symptomatic", 3, 14, False),
    ("capsaicin", "Capsaicin cream or patch", "topical", "symptomatic", 14, 42, False),
    ("lidocaine", "Lidocaine patch", "topical", "symptomatic", 3, 14, True),
    ("gabapentinoid", "Gabapentin or pregabalin", "medicine", "symptomatic", 14, 56, True),
    ("tca", "Amitriptyline or a similar tablet", "medicine", "symptomatic", 14, 56, True),
    ("snri", "Duloxetine or a similar tablet", "medicine", "symptomatic", 14, 56, True),
    ("opioid", "Opioid (such as codeine, tramadol)", "medicine", "symptomatic", 3, 28, True),
    ("muscle_relaxant", "Muscle relaxant", "medicine", "symptomatic", 3, 14, True),
    ("physiotherapy", "Physiotherapy exercises", "movement", "corrective", 21, 56, False),
    ("morning_moves", "Morning moves", "movement", "corrective", 21, 56, False),
    ("yoga", "Yoga", "movement", "corrective", 21, 56, False),
    ("walking", "Walking programme", "movement", "corrective", 21, 84, False),
    ("workstation", "Workstation and posture changes", "self_care", "corrective", 14, 42, False),
    ("manual_therapy", "Manual therapy", "hands_on", "symptomatic", 7, 28, False),
    ("massage", "Massage", "hands_on", "symptomatic", 3, 28, False),
    ("acupuncture", "Acupuncture", "hands_on", "symptomatic", 14, 42, False),
    ("heat", "Heat pack", "self_care", "symptomatic", 1, 7, False),
    ("warm_bath", "Warm bath or shower", "self_care", "symptomatic", 1, 7, False),
    ("contrast_bath", "Contrast bath", "self_care", "symptomatic", 1, 7, False),
    ("tens", "TENS device", "device", "symptomatic", 1, 14, False),
    ("belt", "Belt or brace", "device", "symptomatic", 1, 14, False),
    ("cbt", "Cognitive behavioural therapy", "psychological", "corrective", 28, 70, False),
    ("act", "Acceptance and commitment therapy", "psychological", "corrective", 28, 70, False),
    ("pain_reprocessing", "Pain reprocessing", "psychological", "corrective", 14, 56, False),
    ("pain_education", "Pain education", "psychological", "adjunct", 14, 56, False),
    ("sleep_treatment", "Sleep treatment", "psychological", "corrective", 14, 42, False),
    ("injection", "Injection", "procedure", "symptomatic", 7, 28, True),
    ("nerve_ablation", "Nerve ablation", "procedure", "symptomatic", 14, 84, True),
    ("operation", "Operation", "procedure", "corrective", 42, 180, True),
    ("own", "Something else", "other", "symptomatic", 7, 28, False),
]


def seed(apps, schema_editor):
    TreatmentType = apps.get_model("tracker", "TreatmentType")
    TreatmentType.objects.bulk_create(
        TreatmentType(
            key=key,
            name=name,
            treatment_class=treatment_class,
            nature=nature,
            expected_onset_days=onset,
            adequate_trial_days=trial,
            is_prescribed=prescribed,
        )
        for key, name, treatment_class, nature, onset, trial, prescribed in TYPES
    )


class Migration(migrations.Migration):
    dependencies = [("tracker", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
