from django.db import migrations, models
from django.db.models import F


def keep_doubts_of_sends_under_way(apps, _schema_editor):
    rows = apps.get_model("tracker", "Occurrence").objects.filter(is_ambiguous=True)
    rows.filter(state__in=["pending", "claimed", "started"]).update(doubted_send=F("n_sends") + 1)


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0028_lighter_marks_of_a_send"),
    ]

    operations = [
        migrations.AddField(
            model_name="occurrence",
            name="doubted_send",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RunPython(keep_doubts_of_sends_under_way, migrations.RunPython.noop),
    ]
