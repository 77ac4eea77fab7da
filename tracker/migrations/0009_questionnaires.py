import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tracker", "0008_beside_the_number"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="help_shown_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="put_off",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="questionnaireresponse",
            name="attempt",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="responses",
                to="tracker.treatmentattempt",
            ),
        ),
    ]
