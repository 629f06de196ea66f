"""Which members of the described answers were seen, and which were seen that nobody described.

All members of the contract are optional, so an empty object would be schema-valid. This count shows how much is really
answered; it says nothing about right or wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]


@dataclass
class Members:
    """The members of one operation's successful answers, as paths like `Result[].Legs[].Id`.

    A schema inside itself (legs of legs) is followed once.
    """

    definitions: dict[str, Schema]
    schema: Schema | None
    seen: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def look_at(self, answer: Any) -> set[str]:
        """Count the members of an answer; those of them that nobody described."""
        self.unknown = set()
        if self.schema is not None:
            self._walk(self.schema, answer, "", ())
        return self.unknown

    @property
    def documented(self) -> set[str]:
        return set() if self.schema is None else set(self._paths(self.schema, "", ()))

    @property
    def missing(self) -> set[str]:
        return self.documented - self.seen

    def _walk(self, schema: Schema, value: Any, path: str, above: tuple[str, ...]) -> None:
        schema, above = self._resolve(schema, above)
        if isinstance(value, list) and "items" in schema:
            for item in value:
                self._walk(schema["items"], item, f"{path}[]", above)
        properties = schema.get("properties")
        if not isinstance(value, dict) or properties is None:
            return
        for name, item in value.items():
            place = f"{path}.{name}".lstrip(".")
            if name in properties:
                self.seen.add(place)
                if not self._is_inside_itself(properties[name], above):
                    self._walk(properties[name], item, place, above)
            else:
                self.unknown.add(place)

    def _paths(self, schema: Schema, path: str, above: tuple[str, ...]) -> list[str]:
        schema, above = self._resolve(schema, above)
        if "items" in schema:
            return self._paths(schema["items"], f"{path}[]", above)
        found = []
        for name, part in schema.get("properties", {}).items():
            place = f"{path}.{name}".lstrip(".")
            found.append(place)
            if not self._is_inside_itself(part, above):
                found += self._paths(part, place, above)
        return found

    def _resolve(self, schema: Schema, above: tuple[str, ...]) -> tuple[Schema, tuple[str, ...]]:
        name = schema.get("$ref", "").rpartition("/")[2]
        return (self.definitions[name], (*above, name)) if name else (schema, above)

    def _is_inside_itself(self, schema: Schema, above: tuple[str, ...]) -> bool:
        return schema.get("items", schema).get("$ref", "").rpartition("/")[2] in above
