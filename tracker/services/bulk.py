"""Many rows at once. Django's `bulk_create` and `delete` need seconds for what the database does in tenths of one, and
all that time nobody else can write."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Iterable[Any]],
    *,
    common: Mapping[str, Any] | None = None,
) -> None:
    """Add each row of values of `columns`, with what all have in common; other columns have their defaults."""
    connection = connections[DEFAULT_DB_ALIAS]  # itself: what stands for it is slow to ask a million times
    others = [field for field in model._meta.concrete_fields if not field.primary_key and field.attname not in columns]
    ours = [column(model, name) for name in columns]
    given = common or {}
    same = tuple(field.get_db_prep_save(given.get(field.attname, field.get_default()), connection) for field in others)
    prepare = [field.get_db_prep_save for field in ours]
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(quote(field.column) for field in (*ours, *others))})"
    values = [
        (*(to_column(value, connection) for to_column, value in zip(prepare, row, strict=True)), *same) for row in rows
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * (len(ours) + len(others)))
            cursor.executemany(f"INSERT INTO {into} VALUES ({places})", values)


def insert_from(model: type[models.Model], columns: Sequence[str], rows: models.QuerySet[Any]) -> None:
    """Add what a query gives, in the order of `columns`, without a row leaving the database."""
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    into = ", ".join(quote(column(model, name).column) for name in columns)
    query, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({into}) {query}", values)


def delete(rows: models.QuerySet[Any]) -> None:
    """Delete the rows in one statement, without reading them. What hangs on them has to be gone already."""
    rows._raw_delete(rows.db)


def column(model: type[models.Model], attname: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.attname == attname)
