from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0002_check_again_on"),
    ]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="prefilled",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
