"""The judge: schemathesis checks an answer; what it objects to is covered by a listed deviation or it is a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import schemathesis
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conformance.deviations import Deviation, kind_of
from tests.conformance.members import Members

CHECKS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("server error", not_a_server_error),
    ("status", status_code_conformance),
    ("content type", content_type_conformance),
    ("schema", response_schema_conformance),
    ("schema", response_headers_conformance),
)
KEPT_CHARACTERS = 600


@dataclass
class Finding:
    """What the judge objects to, without a deviation that covers it; `count` times, one of them shown."""

    check: str
    status: int
    body: str
    objection: str
    request: str
    count: int = 1


@dataclass
class Verdict:
    """All that is known about one operation. `not_prepared` says why no valid call could be made."""

    label: str
    members: Members
    statuses: Counter[int] = field(default_factory=Counter)
    deviations: Counter[str] = field(default_factory=Counter)
    findings: dict[tuple[str, int, str], Finding] = field(default_factory=dict)
    not_prepared: str = ""

    @property
    def is_served(self) -> bool:
        return any(200 <= status < 300 for status in self.statuses)

    @property
    def is_valid(self) -> bool:
        return not self.findings

    @property
    def requests(self) -> int:
        return self.statuses.total()

    def add(self, finding: Finding) -> None:
        key = (finding.check, finding.status, finding.body)
        if key in self.findings:
            self.findings[key].count += 1
        else:
            self.findings[key] = finding


class Judge:
    def __init__(self, deviations: list[Deviation]) -> None:
        self.deviations = deviations

    def look_at(self, verdict: Verdict, case: Case, response: schemathesis.Response) -> None:
        """Run every check over one answer and write down the outcome."""
        verdict.statuses[response.status_code] += 1
        body = kind_of(response.content)
        if body in ("E6", "E7") and _is_complete(case, response):
            body = "other"  # that route exists, and nothing is missing
        if response.status_code == 200 and response.content.startswith((b"{", b"[")):
            unknown = verdict.members.look_at(response.json())
            if unknown:
                self._weigh(verdict, case, response, "members", body, f"Nobody described {', '.join(sorted(unknown))}")
        for check, function in CHECKS:
            try:
                case.validate_response(response, checks=[function])
            except FailureGroup as failed:
                self._weigh(verdict, case, response, check, body, str(failed.exceptions[0]))

    def _weigh(
        self, verdict: Verdict, case: Case, response: schemathesis.Response, check: str, body: str, objection: str
    ) -> None:
        covering = [
            deviation
            for deviation in self.deviations
            if deviation.covers(verdict.label, response.status_code, body, check)
        ]
        for deviation in covering[:1]:
            verdict.deviations[deviation.id] += 1
        if not covering:
            request = f"{case.method} {response.request.url} {response.request.body or ''}"
            text = f"{objection}\n{response.text[:KEPT_CHARACTERS]}"
            verdict.add(Finding(check, response.status_code, body, text, request[:KEPT_CHARACTERS]))


def _is_complete(case: Case, response: schemathesis.Response) -> bool:
    """Was every required query parameter sent, on a path that has as many parts as described?"""
    url = urlsplit(response.request.url or "")
    sent = parse_qs(url.query, keep_blank_values=True)
    parts = [part for part in unquote(url.path).removeprefix("/api").split("/") if part]
    is_whole = len(parts) == len(case.operation.path.strip("/").split("/"))
    return is_whole and all(each.name in sent for each in case.operation.query if each.is_required)
