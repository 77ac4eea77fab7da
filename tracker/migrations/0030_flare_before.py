from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0029_doubted_send"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="flare_before",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
