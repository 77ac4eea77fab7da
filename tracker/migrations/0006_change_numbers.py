from django.db import migrations, models


def number_what_is_there(apps, schema_editor):
    """What was written so far is numbered in the order in which it was changed."""
    for patient in apps.get_model("tracker", "Patient").objects.only("pk").iterator():
        changed = sorted(
            (instant, kind, pk)
            for kind, rows, column in (
                ("tracker_painentry", patient.pain_entries, "changed_at"),
                ("tracker_entrytombstone", patient.entry_tombstones, "deleted_at"),
            )
            for instant, pk in rows.values_list(column, "pk")
        )
        with schema_editor.connection.cursor() as cursor:
            for table in ("tracker_painentry", "tracker_entrytombstone"):
                numbers = [(number, pk) for number, (_, kind, pk) in enumerate(changed, 1) if kind == table]
                cursor.executemany(f"UPDATE {table} SET change_number = %s WHERE id = %s", numbers)
        type(patient).objects.filter(pk=patient.pk).update(change_number=len(changed))


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0005_sites_of_the_body_map"),
    ]

    operations = [
        migrations.AddField(
            model_name="entrytombstone",
            name="change_number",
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="painentry",
            name="change_number",
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="change_number",
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(number_what_is_there, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="entrytombstone",
            constraint=models.UniqueConstraint(
                fields=("patient", "change_number"), name="tombstone_change_unique_per_patient"
            ),
        ),
        migrations.AddConstraint(
            model_name="painentry",
            constraint=models.UniqueConstraint(
                fields=("patient", "change_number"), name="entry_change_unique_per_patient"
            ),
        ),
    ]
