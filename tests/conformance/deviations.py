"""What may differ from the contract: the table in `docs/contract.md`, which people and this check read alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

CONTRACT_NOTES = Path(__file__).resolve().parents[2] / "docs" / "contract.md"
HEADINGS = ["Id", "Operations", "Status", "Body", "Check", "Reason"]
CHECKS = ("status", "content type", "schema", "members", "server error")

# The vendor's error bodies (API fact sheet 3.2), recognized by what they consist of.
_KINDS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "E1": lambda body: body == {"error": "Application key is not defined or does not exist"},
    "E2": lambda body: set(body) == {"State", "Step", "Reason"},
    "E3": lambda body: body == {"Message": "Authorization has been denied for this request."},
    "E4": lambda body: (
        body == {"message": "An error occurred while processing your request", "error": "Unexpected server error"}
    ),
    "E5": lambda body: set(body) == {"Message", "ModelState"},
    "E6": lambda body: set(body) == {"Error"} and set(body["Error"]) == {"Code", "Message"},
    "E7": lambda body: set(body) == {"Message"} and body["Message"].startswith("No HTTP resource was found"),
    "E8": lambda body: body == {"Message": "The request is invalid."},
    "E9": lambda body: set(body) == {"Model", "Errors", "StatusCode", "IsSucceed"},
}
KINDS = (*_KINDS, "empty", "other")


def kind_of(content: bytes) -> str:
    """The name of an answer's body: E1 to E9, "empty", or "other"."""
    if not content:
        return "empty"
    try:
        body = json.loads(content)
    except ValueError:
        return "other"
    if not isinstance(body, dict):
        return "other"
    return next((kind for kind, fits in _KINDS.items() if fits(body)), "other")


@dataclass(frozen=True, slots=True)
class Deviation:
    """One row: where, with which status and body, which check may fail, and why.

    `operations` are patterns of "GET /path", `*` is anything; statuses like 404 or `2xx`.
    """

    id: str
    operations: tuple[str, ...]
    statuses: tuple[str, ...]
    bodies: tuple[str, ...]
    checks: tuple[str, ...]
    reason: str

    def covers(self, label: str, status: int, body: str, check: str) -> bool:
        return (
            any(fnmatchcase(label, pattern) for pattern in self.operations)
            and any(each in (str(status), f"{status // 100}xx") for each in self.statuses)
            and body in self.bodies
            and check in self.checks
        )


def read_deviations(path: Path = CONTRACT_NOTES) -> list[Deviation]:
    """The rows of the table. Raises ValueError for one that nobody could apply or that gives no reason."""
    lines = path.read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    if HEADINGS not in rows:
        raise ValueError(f"{path} has no table with the columns {', '.join(HEADINGS)}")
    start = rows.index(HEADINGS) + 2
    end = next((place for place in range(start, len(lines)) if not lines[place].startswith("|")), len(lines))
    found = [_read(row) for row in rows[start:end]]
    if len({deviation.id for deviation in found}) < len(found):
        raise ValueError("an id of a deviation is used twice")
    return found


def _read(row: list[str]) -> Deviation:
    if len(row) != len(HEADINGS):
        raise ValueError(f"not {len(HEADINGS)} columns: {row}")
    operations = tuple(re.findall(r"`([^`]+)`", row[1]))
    statuses, bodies, checks = ([part.strip() for part in cell.split(",")] for cell in row[2:5])
    unknown = [*(set(bodies) - set(KINDS)), *(set(checks) - set(CHECKS))]
    unknown += [status for status in statuses if not re.fullmatch(r"\d\d\d|\dxx", status)]
    if unknown or not operations or not row[5]:
        raise ValueError(f"not understood in row {row[0]}: {', '.join(unknown) or 'operations or reason are missing'}")
    return Deviation(row[0], operations, tuple(statuses), tuple(bodies), tuple(checks), row[5])
