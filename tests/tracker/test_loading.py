"""Rows that are loaded without `__init__` are the same in every way that Ebb uses."""

from datetime import UTC, datetime

import pytest
from django.db import models

from tracker.models import Occurrence, Patient, Reminder, User
from tracker.models.loading import LightlyLoaded

MORNING = datetime(2026, 6, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize("model", [User, Patient, Reminder, Occurrence])
def test_what_is_loaded_has_all_that_django_loads(moves, model):
    assert issubclass(model, LightlyLoaded)
    ours = model.objects.first()
    values = [getattr(ours, field.attname) for field in model._meta.concrete_fields]
    theirs = models.Model.from_db.__func__(model, "default", [], values)
    assert theirs == ours and vars(theirs).keys() == vars(ours).keys()
    assert not ours._state.adding and ours._state.db == "default" and not ours.get_deferred_fields()


def test_a_column_left_out_is_read_at_need_and_kept_on_saving(moves):
    row = Reminder.objects.only("kind").get()
    assert row.get_deferred_fields() and row.wall_time == moves.wall_time
    row.save()
    moves.refresh_from_db()
    assert moves.channels == "email"
