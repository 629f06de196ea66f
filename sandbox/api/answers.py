"""Answers: JSON in which Decimals are numbers and absent values are left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fastapi.responses import Response

from sandbox.exchange.money import number


def _plain(value: object) -> int | float:
    if isinstance(value, Decimal):
        return number(value)
    raise TypeError(f"{value!r} has no JSON form")


def as_json(body: Any) -> str:
    return json.dumps(body, default=_plain, separators=(",", ":"))


def answer(body: Any, *, status: int = 200) -> Response:
    return Response(as_json(body), status, media_type="application/json")


def without_nulls(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
