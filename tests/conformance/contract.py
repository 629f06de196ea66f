"""The published description of the interface, as schemathesis reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import APIOperation

VERSION = "1.0"
# Credentials are sent with every call and tried out separately, so they are no parameters to play with.
CREDENTIALS = ("Authorization", "Et-App-Key")


def read_contract(path: Path) -> dict[str, Any]:
    contract: dict[str, Any] = json.loads(path.read_text())
    return contract


def operations_of(contract: dict[str, Any]) -> list[APIOperation]:
    """All operations, in the order of their paths."""
    schema = schemathesis.openapi.from_dict(_readable(contract))
    operations = [result.ok() for result in schema.get_all_operations()]
    return sorted(operations, key=lambda operation: (operation.path, operation.method))


def label_of(operation: APIOperation) -> str:
    """`GET /accounts/{accountId}/info`: as in the fact sheet, without the version."""
    return f"{operation.method.upper()} {operation.path.removeprefix('/v{version}')}"


def _readable(contract: dict[str, Any]) -> dict[str, Any]:
    """The contract without credentials, with the type "String" of its filters spelled as Swagger does."""
    copy: dict[str, Any] = json.loads(json.dumps(contract))
    for parameters in _parameters(copy):
        parameters[:] = [each for each in parameters if each["name"] not in CREDENTIALS]
        for each in parameters:
            if each.get("type") == "String":
                each["type"] = "string"
            if each["name"] == "version":
                each["enum"] = [VERSION]
    return copy


def _parameters(contract: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    for item in contract["paths"].values():
        for operation in item.values():
            yield operation.get("parameters", [])
