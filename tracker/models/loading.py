from collections.abc import Sequence
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState


class LightlyLoaded(models.Model):
    """A model whose rows come from the database without the detour through ``__init__``.

    For those that are read by the thousand. What differs: no `pre_init` and `post_init` signals, which nobody here uses.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Sequence[str], values: Sequence[Any]) -> Self:
        row = cls.__new__(cls)
        # Names that are missing are those of fields to be read at need.
        row.__dict__.update(zip(field_names, values, strict=True))
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        return row
