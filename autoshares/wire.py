"""The wire format: JSON with exact numbers, and a reader for rows that may lack or gain fields at any time."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .enums import OpenEnum


def decode_json(body: bytes | str) -> Any:
    """Python values of a JSON text; every number with a point is a Decimal. Raises ValueError (NaN included)."""
    return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)


def encode_json(value: Any) -> str:
    """Compact JSON; a Decimal is written digit for digit: Decimal("181.20") becomes 181.20, never 181.2 or 1.812E+2.

    The same value gives the same text, so a hash of it can stand for it. Raises TypeError for a float, which has lost
    cents before it came here.
    """
    return "".join(_encode(value))


def _encode(value: Any) -> Iterator[str]:
    if value is None or isinstance(value, bool | int):
        yield json.dumps(value)
    elif isinstance(value, str):
        yield json.dumps(str(value))
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} has no JSON form")
        yield format(value, "f")
    elif isinstance(value, datetime):
        yield json.dumps(write_moment(value))
    elif isinstance(value, Mapping):
        pairs = ("".join((json.dumps(str(key)), ":", *_encode(member))) for key, member in value.items())
        yield from ("{", ",".join(pairs), "}")
    elif isinstance(value, list | tuple):
        yield from ("[", ",".join("".join(_encode(member)) for member in value), "]")
    else:
        raise TypeError(f"{type(value).__name__} has no JSON form here")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def write_moment(moment: datetime) -> str:
    """An aware moment as the vendor writes it: 2026-05-04T20:00:00Z. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read_moment(value: Any) -> datetime | None:
    """An aware UTC datetime of an ISO text or of Unix milliseconds; None for no date (year 1), nothing or nonsense."""
    try:
        if isinstance(value, str) and value:
            moment = datetime.fromisoformat(value)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 0:
            moment = datetime.fromtimestamp(int(value) / 1000, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year > 1 else None


def read_seconds(value: Any) -> datetime | None:
    """An aware UTC datetime of Unix seconds; None for nothing, nought or nonsense."""
    number = read_number(value)
    try:
        return datetime.fromtimestamp(int(number), UTC) if number and number > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def write_seconds(moment: datetime) -> int:
    """Unix seconds. Raises ValueError for a naive moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return int(moment.timestamp())


def given(members: Mapping[str, Any]) -> dict[str, Any]:
    """A body without the members that are not set."""
    return {name: value for name, value in members.items() if value is not None}


def read_number(value: Any) -> Decimal | None:
    """A finite Decimal of a JSON number or a numeric text, else None."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


class Fields:
    """Reads one JSON object by its wire names. Absent, null and unusable values come back as None, "" or empty."""

    def __init__(self, source: Any) -> None:
        self._source: Mapping[str, Any] = source if isinstance(source, Mapping) else {}

    def text(self, name: str) -> str:
        value = self._source.get(name)
        return "" if value is None or isinstance(value, Mapping | list) else str(value)

    def number(self, name: str) -> Decimal | None:
        return read_number(self._source.get(name))

    def amount(self, name: str) -> Decimal:
        """A number whose absence means nought (executed so far, commission)."""
        number = self.number(name)
        return Decimal(0) if number is None else number

    def price(self, name: str) -> Decimal | None:
        """A price; the vendor writes 0 where there is none."""
        return self.number(name) or None

    def count(self, name: str) -> int | None:
        number = self.number(name)
        return None if number is None else int(number)

    def identity(self, name: str) -> int | None:
        """An id; the vendor writes -1 where there is none."""
        count = self.count(name)
        return None if count is None or count < 0 else count

    def flag(self, name: str, *, absent: bool = False) -> bool:
        value = self._source.get(name)
        return value if isinstance(value, bool) else absent

    def moment(self, name: str) -> datetime | None:
        return read_moment(self._source.get(name))

    def seconds(self, name: str) -> datetime | None:
        """A moment that the vendor writes as Unix seconds."""
        return read_seconds(self._source.get(name))

    def word[Word: OpenEnum](self, words: type[Word], name: str) -> Word:
        """A member of `words`; a word that is not on the list is kept as it came, absence is the empty word."""
        return words(self.text(name))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(str(member) for member in self._list(name))

    def rows[Row](self, name: str, read: Callable[[Any], Row]) -> tuple[Row, ...]:
        return tuple(read(member) for member in self._list(name) if isinstance(member, Mapping))

    def row[Row](self, name: str, read: Callable[[Any], Row]) -> Row | None:
        value = self._source.get(name)
        return read(value) if isinstance(value, Mapping) else None

    def mapping(self, name: str) -> Mapping[str, Any]:
        """An object as it came; empty if there is none."""
        value = self._source.get(name)
        return value if isinstance(value, Mapping) else {}

    def numbers(self, name: str) -> dict[str, Decimal]:
        """A map of names to numbers, for example {"Per Trade Commission": Decimal("3.75")}."""
        value = self._source.get(name)
        pairs = value.items() if isinstance(value, Mapping) else ()
        return {str(key): number for key, raw in pairs if (number := read_number(raw)) is not None}

    def text_map(self, name: str) -> dict[str, str]:
        """A map of names to texts, such as the details of a corporate action."""
        pairs = self.mapping(name).items()
        return {str(key): "" if member is None else str(member) for key, member in pairs}

    def decimals(self, name: str) -> tuple[Decimal, ...]:
        return tuple(number for member in self._list(name) if (number := read_number(member)) is not None)

    def row_map[Row](self, name: str, read: Callable[[Any], Row]) -> dict[str, Row]:
        return {str(key): read(member) for key, member in self.mapping(name).items()}

    def row_lists[Row](self, name: str, read: Callable[[Any], Row]) -> tuple[tuple[Row, ...], ...]:
        """A list of lists of rows, one for each security that was asked for."""
        return tuple(tuple(map(read, member)) for member in self._list(name) if isinstance(member, list))

    def _list(self, name: str) -> list[Any]:
        value = self._source.get(name)
        return value if isinstance(value, list) else []
