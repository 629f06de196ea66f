"""The filter language: `Field op literal`, joined by `and` (API fact sheet 4.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.api.errors import request_invalid
from sandbox.clock import parse_iso

_LITERAL = r"(?:'[^']*'|[#][^#]*[#]|-?\d+(?:\.\d+)?|true|false)"
_CONDITION = re.compile(
    rf"""\s*(?P<field>[A-Za-z]\w*)\s*(?:
        (?P<op>>=|<=|=|>|<)\s*(?P<value>{_LITERAL})
        |\s(?P<text_op>contains|startsWith|endsWith)\s+(?P<text>'[^']*')
        |\s?in\s*\((?P<values>\s*{_LITERAL}(?:\s*,\s*{_LITERAL})*\s*)\)
        |\s?between\s+(?P<low>{_LITERAL})\s+and\s+(?P<high>{_LITERAL})
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_AND = re.compile(r"and\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date literal, in milliseconds since 1970."""

    ms: int


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; `op` is one of = > >= < <= in between contains startswith endswith."""

    field: str
    op: str
    values: tuple[Any, ...]


def parse_filter(text: str | None) -> list[Condition]:
    """Conditions that must all hold. Raises ApiError 400 for anything that is not understood."""
    rest = (text or "").strip()
    conditions: list[Condition] = []
    while rest:
        found = _CONDITION.match(rest)
        if found is None:
            raise request_invalid()
        conditions.append(_read_condition(found))
        rest = rest[found.end() :]
        if rest:
            joint = _AND.match(rest)
            if joint is None or joint.end() == len(rest):
                raise request_invalid()
            rest = rest[joint.end() :]
    return conditions


def _read_condition(found: re.Match[str]) -> Condition:
    field = found["field"]
    if found["op"]:
        return Condition(field, found["op"], (_read_literal(found["value"]),))
    if found["text_op"]:
        return Condition(field, found["text_op"].lower(), (_read_literal(found["text"]),))
    if found["values"]:
        literals = re.findall(_LITERAL, found["values"], re.IGNORECASE)
        return Condition(field, "in", tuple(_read_literal(literal) for literal in literals))
    return Condition(field, "between", (_read_literal(found["low"]), _read_literal(found["high"])))


def _read_literal(text: str) -> Any:
    if text.startswith("'"):
        return text[1:-1]
    if text.startswith("#"):
        try:
            return Moment(parse_iso(text[1:-1]))
        except ValueError:
            raise request_invalid() from None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return Decimal(text)


@dataclass(frozen=True)
class Column:
    """A filterable field: its SQL expression, and how a literal becomes a stored value."""

    expression: str
    read: Callable[[Any], Any]

    def compare(self, condition: Condition) -> tuple[str, list[Any]]:
        try:
            values = [self.read(literal) for literal in condition.values]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise request_invalid() from None
        if condition.op == "in":
            return f"{self.expression} IN ({', '.join('?' * len(values))})", values
        if condition.op == "between":
            return f"{self.expression} BETWEEN ? AND ?", values
        if condition.op in ("contains", "startswith", "endswith"):
            return _like(self.expression, condition.op), values
        return f"{self.expression} {condition.op} ?", values


def as_sql(conditions: list[Condition], columns: Mapping[str, Column]) -> tuple[str, list[Any]]:
    """A WHERE clause; `columns` by lower-case field name. Unknown fields and unfit literals raise ApiError 400."""
    parts: list[str] = []
    values: list[Any] = []
    for condition in conditions:
        column = columns.get(condition.field.lower())
        if column is None:
            raise request_invalid()
        part, its_values = column.compare(condition)
        parts.append(part)
        values += its_values
    return " AND ".join(parts) or "1 = 1", values


def _like(expression: str, op: str) -> str:
    return {
        "contains": f"instr(lower({expression}), lower(?)) > 0",
        "startswith": f"instr(lower({expression}), lower(?)) = 1",
        "endswith": f"lower({expression}) LIKE '%' || lower(?)",
    }[op]


def holds(conditions: list[Condition], fields: Mapping[str, Any]) -> bool:
    """Does a row that is not in the database meet the conditions? Unknown fields raise ApiError 400."""
    known = {name.lower(): value for name, value in fields.items()}
    for condition in conditions:
        if condition.field.lower() not in known:
            raise request_invalid()
        if not _holds(condition, known[condition.field.lower()]):
            return False
    return True


def _holds(condition: Condition, actual: Any) -> bool:
    wanted = [value.ms if isinstance(value, Moment) else value for value in condition.values]
    if isinstance(condition.values[0], Moment) and isinstance(actual, str):
        actual = parse_iso(actual)
    elif isinstance(actual, str):
        actual, wanted = actual.lower(), [str(value).lower() for value in wanted]
    first = wanted[0]
    try:
        if condition.op in ("=", "in"):
            return actual in wanted
        if condition.op == "between":
            return bool(first <= actual <= wanted[1])
        checks: dict[str, Callable[[], bool]] = {
            ">": lambda: actual > first,
            ">=": lambda: actual >= first,
            "<": lambda: actual < first,
            "<=": lambda: actual <= first,
            "contains": lambda: first in actual,
            "startswith": lambda: actual.startswith(first),
            "endswith": lambda: actual.endswith(first),
        }
        return checks[condition.op]()
    except (TypeError, AttributeError):
        raise request_invalid() from None
