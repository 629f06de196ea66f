"""The filter language: `Field op literal`, joined by `and` (API fact sheet 4.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
        if condition.op == "endswith":
            tail = f"substr(lower({self.expression}), length({self.expression}) - length(?) + 1)"
            return f"{tail} = lower(?)", values * 2
        if condition.op in ("contains", "startswith"):
            found = f"instr(lower({self.expression}), lower(?))"
            return f"{found} > 0" if condition.op == "contains" else f"{found} = 1", values
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


def name_of(codes: Sequence[str]) -> Callable[[Any], str]:
    """How to read a name that a filter may tell by its number, the place in `codes` (API fact sheet 4.6)."""

    def read(literal: Any) -> str:
        if not isinstance(literal, Decimal):
            return str(literal)
        return codes[int(literal)] if literal in range(len(codes)) else ""

    return read


def resolve(
    conditions: list[Condition], members: Iterable[str], codes: Mapping[str, Sequence[str]] | None = None
) -> list[Condition]:
    """The conditions as `holds` understands them: fields spelled like `members`, names in place of their numbers.

    `codes` are the names, in order of their numbers, of the members that have such. Unknown fields raise ApiError 400.
    """
    known = {member.lower(): member for member in members}
    resolved = []
    for condition in conditions:
        field = known.get(condition.field.lower())
        if field is None:
            raise request_invalid()
        names = (codes or {}).get(field)
        values = condition.values if names is None else tuple(map(name_of(names), condition.values))
        resolved.append(replace(condition, field=field, values=values))
    return resolved


def holds(conditions: list[Condition], row: Mapping[str, Any]) -> bool:
    """Does a row that is not in the database meet resolved conditions? What it leaves out meets none."""
    return all(
        row.get(condition.field) is not None and _holds(condition, row[condition.field]) for condition in conditions
    )


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
