"""Whether pinned data of a graph name stored files: kept by the database, so that nobody has to read graphs for it."""

from typing import Any

from django.db import models
from django.db.models import F, Func

NAMED = "(%(expressions)s::text ~ 'sha256:[0-9a-f]{64}')"


class HasFiles(models.GeneratedField):
    """Of the column `graph` beside it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(
            **{
                "expression": Func(F("graph"), template=NAMED, output_field=models.BooleanField()),
                "output_field": models.BooleanField(),
                "db_persist": True,
                **given,
            }
        )
