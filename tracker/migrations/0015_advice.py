import django.db.models.deletion
from django.db import migrations, models


def say_whose(apps, schema_editor):
    Advice = apps.get_model("tracker", "Advice")
    for advice in Advice.objects.select_related("attempt").iterator(chunk_size=1000):
        advice.patient_id = advice.attempt.patient_id
        advice.evidence = f"attempt:{advice.attempt.uuid}"
        advice.announced_at = advice.created_at
        advice.save(update_fields=["patient", "evidence", "announced_at"])


class Migration(migrations.Migration):
    dependencies = [("tracker", "0014_night_shards")]

    operations = [
        migrations.AddField("patient", "advised_on", models.DateField(editable=False, null=True)),
        migrations.RemoveConstraint("advice", "advice_once_per_attempt_and_kind"),
        migrations.AddField(
            "advice",
            "patient",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="advice", to="tracker.patient"
            ),
        ),
        migrations.AddField("advice", "evidence", models.CharField(default="", max_length=120)),
        migrations.AddField("advice", "because", models.JSONField(blank=True, default=dict)),
        migrations.AddField("advice", "later_until", models.DateField(blank=True, null=True)),
        migrations.AddField("advice", "announced_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(say_whose, migrations.RunPython.noop),
    ]
