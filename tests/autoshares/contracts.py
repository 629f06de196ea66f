"""The vendor's published specification, where this machine has it, in the client's spelling."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.contract_file import contract_file

CONTRACT = contract_file()


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: "_" + found[1].lower(), name)


@dataclass(frozen=True)
class Described:
    """An operation as the contract describes it."""

    required: frozenset[str]  # query parameters
    known: frozenset[str]
    body: dict[str, Any] | None  # a schema


class Contract:
    def __init__(self, path: Path = CONTRACT) -> None:
        self._document = json.loads(path.read_text())
        self.operations = {
            f"{method.upper()} {self._spelled(path)}": self._described(operation)
            for path, methods in self._document["paths"].items()
            for method, operation in methods.items()
        }

    def strangers_in(self, value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
        """Members that the schema does not know, required ones that are missing, words not on its lists."""
        if "$ref" in schema:
            schema = self._document["definitions"][schema["$ref"].rpartition("/")[2]]
        if schema.get("type") == "array":
            return [wrong for member in value for wrong in self.strangers_in(member, schema["items"], where)]
        if "enum" in schema:
            return [] if value in schema["enum"] else [f"{where}={value}"]
        if "properties" not in schema or not isinstance(value, dict):
            return []
        properties = schema["properties"]
        wrong = [f"{where}.{name}" for name in value if name not in properties]
        wrong += [f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name in value.keys() & properties.keys():
            wrong += self.strangers_in(value[name], properties[name], f"{where}.{name}")
        return wrong

    @staticmethod
    def _spelled(path: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: f"{{{snake(found[1])}}}", path.removeprefix("/v{version}"))

    @staticmethod
    def _described(operation: dict[str, Any]) -> Described:
        parameters = operation.get("parameters", ())
        queries = [one for one in parameters if one["in"] == "query"]
        body = next((one["schema"] for one in parameters if one["in"] == "body"), None)
        required = frozenset(one["name"] for one in queries if one.get("required"))
        return Described(required, frozenset(one["name"] for one in queries), body)
