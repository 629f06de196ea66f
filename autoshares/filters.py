"""The vendor's filter expressions, built of values and never of typed text. Source: API.md 4.3."""

from collections.abc import Iterable
from datetime import UTC, datetime


def all_of(*conditions: str) -> str:
    """Conditions joined by `and`, the only word that is documented; empty ones are left out."""
    return " and ".join(condition for condition in conditions if condition)


def equals(field: str, value: str | int | bool | None) -> str:
    """`Field = 'text'`; no condition for None or an empty text. Raises ValueError for a quote: nobody says how to
    escape one."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return f"{field} = {str(value).lower()}"
    return f"{field} = {value}" if isinstance(value, int) else f"{field} = '{_quotable(value)}'"


def is_one_of(field: str, values: Iterable[str | int]) -> str:
    """`Field in (…)`; no condition without values."""
    listed = ",".join(str(value) if isinstance(value, int) else f"'{_quotable(value)}'" for value in values)
    return f"{field} in ({listed})" if listed else ""


def since(field: str, moment: datetime | None) -> str:
    return f"{field} >= {literal(moment)}" if moment else ""


def until(field: str, moment: datetime | None) -> str:
    return f"{field} <= {literal(moment)}" if moment else ""


def literal(moment: datetime) -> str:
    """A moment between hashes, in UTC. Raises ValueError without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return f"#{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}#"


def _quotable(text: str) -> str:
    if "'" in text:
        raise ValueError("a quote cannot be filtered by")
    return text
