"""Lists of rows that are not kept in the database: sieved, sorted and cut into pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.api.errors import request_invalid
from sandbox.api.filters import holds, parse_filter, resolve


def sieve[Row: Mapping[str, Any]](
    rows: list[Row],
    filter: str,
    *,
    members: Sequence[str],
    codes: Mapping[str, Sequence[str]] | None = None,
    sort: str = "",
    desc: bool = False,
) -> list[Row]:
    """The rows that a filter lets through, sorted by one of their `members`, which single rows may leave out.

    `codes`: see `resolve`. Raises ApiError 400 for unknown fields.
    """
    conditions = resolve(parse_filter(filter), members, codes)
    rows = [row for row in rows if holds(conditions, row)]
    if not sort:
        return rows
    field = {member.lower(): member for member in members}.get(sort.lower())
    if field is None:
        raise request_invalid()
    return sorted(rows, key=lambda row: _sortable(row.get(field)), reverse=desc)


def _sortable(value: Any) -> tuple[int, str, Any]:
    """Rows without the field come first; values of different kinds keep to themselves."""
    if value is None:
        return 0, "", 0
    is_number = isinstance(value, int) or hasattr(value, "as_tuple")
    return 1, "number" if is_number else type(value).__name__, value if is_number else str(value)
