"""The wire of the streams: commands that go out, frames that come in. Source: API.md 9.3 to 9.10.

Every value of a frame is a text ("76", "False", ""), moments come in three spellings, and a list may hide as JSON in a
text. `FrameFields` reads them as `wire.Fields` reads the REST interface.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import batched
from typing import Any

from ..wire import Fields, decode_json, encode_json, read_moment

KEYS_PER_COMMAND = 100

PONG = encode_json({"Cmd": "Pong", "StatusCode": "Ok"})


def subscription_commands(command: str, session_id: str, subscriptions: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Frames that subscribe or unsubscribe (entity, key) pairs; many keys of one entity share a frame."""
    by_entity: dict[str, list[str]] = {}
    for entity, key in subscriptions:
        by_entity.setdefault(entity, []).append(key)
    for entity, keys in by_entity.items():
        for some in batched(keys, KEYS_PER_COMMAND):
            yield encode_json(
                {
                    "Cmd": f"{command}.txt",
                    "SessionId": session_id,
                    "Keys": ";".join(some),
                    "EntityType": entity,
                    "HttpClientType": "WebSocket",
                }
            )


def read_frame(text: str | bytes) -> dict[str, Any] | None:
    """The object in a frame, or None if there is none."""
    try:
        frame = decode_json(text)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None


class FrameFields(Fields):
    """Reads a frame: flags are "True" and "False", moments are milliseconds, seconds or American dates."""

    def flag(self, name: str, *, absent: bool = False) -> bool:
        word = self.text(name).lower()
        return word == "true" if word in {"true", "false"} else absent

    def moment(self, name: str) -> datetime | None:
        """Unix milliseconds as a text; negative ones, and 0, mean no date."""
        count = self.count(name)
        return None if count is None else read_moment(count)

    def unix_seconds(self, name: str) -> datetime | None:
        count = self.count(name)
        return None if count is None else read_moment(count * 1000)

    def american_date(self, name: str) -> datetime | None:
        """05/04/2026 14:31:07, in UTC; 1970 means never."""
        try:
            moment = datetime.strptime(self.text(name), "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            return None
        return moment if moment.year > 1970 else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Values separated by semicolons; the text "null" means none."""
        text = self.text(name)
        return tuple(part for part in text.split(";") if part) if text != "null" else ()

    def pairs(self, name: str) -> dict[str, Decimal]:
        """The numbers of an array of {Name, Value} that travels as JSON within a text."""
        try:
            rows = decode_json(self.text(name) or "[]")
        except (ValueError, RecursionError):
            return {}
        found = [Fields(row) for row in rows] if isinstance(rows, list) else []
        return {row.text("Name"): number for row in found if (number := row.number("Value")) is not None}
