"""One run: a sandbox of its own, every operation in a world of its own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import requests
from schemathesis import APIOperation, Case, Response

from tests.conformance.calls import blend, boundary_cases, example_case, generate
from tests.conformance.cast import Cast, NotPrepared
from tests.conformance.contract import label_of, operations_of
from tests.conformance.deviations import Deviation
from tests.conformance.examples import EXAMPLES, Example
from tests.conformance.judge import Finding, Judge, Verdict
from tests.conformance.members import Members
from tests.sandbox.actors import Box

TIMEOUT_SECONDS = 20
OPEN_OPERATIONS = ("POST /token", "POST /logout")


class Run:
    """Sends about `requests_wanted` calls and keeps a verdict per operation."""

    def __init__(self, contract: dict[str, Any], deviations: list[Deviation], requests_wanted: int) -> None:
        self.operations = operations_of(contract)
        self.judge = Judge(deviations)
        self.wanted = requests_wanted
        self.verdicts = {
            label_of(operation): Verdict(label_of(operation), _members_of(operation, contract))
            for operation in self.operations
        }
        self.crashes = ""

    @property
    def requests(self) -> int:
        return sum(verdict.requests for verdict in self.verdicts.values())

    def go(self, box: Box, tell: Callable[[str], None] = lambda label: None) -> None:
        """As many rounds as it takes: some operations have fewer different calls than their share."""
        logged = log_length(box)
        for round in range(5):
            share = -(-(self.wanted - self.requests) // max(len(self.operations), 1))
            if share <= 0:
                break
            for operation in self.operations:
                tell(label_of(operation))
                _OneOperation(self, operation, box, share, round).go()
        self.crashes = read_log(box)[logged:]


def log_length(box: Box) -> int:
    """How much the sandbox has written to its log, which has to be a file."""
    assert box.errors is not None
    return box.errors.seek(0, 2)


def read_log(box: Box) -> str:
    assert box.errors is not None
    box.errors.seek(0)
    return box.errors.read()


def _members_of(operation: APIOperation, contract: dict[str, Any]) -> Members:
    answers = contract["paths"][operation.path][operation.method.lower()]["responses"]
    return Members(contract.get("definitions", {}), answers.get("200", {}).get("schema"))


class _OneOperation:
    def __init__(self, run: Run, operation: APIOperation, box: Box, share: int, round: int) -> None:
        self.judge, self.operation, self.box = run.judge, operation, box
        self.label = label_of(operation)
        self.verdict = run.verdicts[self.label]
        self.share, self.round = share, round
        self.session = requests.Session()
        self.cast = Cast(box)
        self.example = self._prepare()

    def go(self) -> None:
        left = self.share
        if self.round == 0:
            self._try_credentials()
            if self.example is not None:
                self._send(example_case(self.operation, self.example))
            boundaries = list(boundary_cases(self.operation, left // 3))
            for place, case in enumerate(boundaries):
                self._send_blended(case, random.Random(place))
            left -= 4 + len(boundaries)
        if left > 0:
            generate(self.operation, left, self._send_blended, round=self.round)

    def _prepare(self) -> Example | None:
        maker = EXAMPLES.get(self.label)
        if maker is None:
            return None
        try:
            return maker(self.cast)
        except (NotPrepared, AssertionError, LookupError, TypeError) as refused:
            self.verdict.not_prepared = str(refused)[:300]
            return None

    def _try_credentials(self) -> None:
        """A wrong application key, no token: each call has to refuse."""
        tries: list[dict[str, str]] = [{"Et-App-Key": "wrong"}]
        if self.label not in OPEN_OPERATIONS:
            tries += [{"Authorization": "Bearer wrong"}, {"Authorization": ""}]
        for headers in tries:
            example = self.example or Example({each.name: 1 for each in self.operation.path_parameters})
            response = self._send(example_case(self.operation, example), headers)
            if response is not None and response.status_code not in (401, 403):
                text = f"let in with {headers}: {response.text[:200]}"
                self.verdict.add(Finding("credentials", response.status_code, "other", text, self.label))

    def _send_blended(self, case: Case, luck: random.Random) -> None:
        if luck.random() < 0.05:
            self.box.advance(luck.choice([1, 60, 3600]))
        if luck.random() < 0.15:
            self.example = self._prepare() or self.example
        self._send(blend(case, self.example, luck))

    def _send(self, case: Case, headers: dict[str, str] | None = None) -> Response | None:
        """The judged answer; None when there is none."""
        logged = log_length(self.box)
        try:
            response = case.call(
                base_url=f"{self.box.url}/api",
                session=self.session,
                headers=self.cast.headers | (headers or {}),
                timeout=TIMEOUT_SECONDS,
            )
        except (requests.exceptions.InvalidHeader, UnicodeError):
            return None  # such a call cannot be put on the wire
        except requests.RequestException as broken:
            self.verdict.add(Finding("server error", 0, "empty", f"no answer: {broken}", repr(case)))
            return None
        self.judge.look_at(self.verdict, case, response)
        if response.status_code == 500:
            time.sleep(0.01)  # the log is written after the answer
        if log_length(self.box) > logged:
            request = f"{case.method} {response.request.url} {response.request.body or ''}"
            text = "it crashed here or just before, see below"
            self.verdict.add(Finding("server error", response.status_code, "other", text, request))
        if headers is None and self._may_have_signed_out(response.status_code):
            self.cast = Cast(self.box)
            self.example = self._prepare()
        return response

    def _may_have_signed_out(self, status: int) -> bool:
        return self.label == "POST /logout" or (status == 200 and "password" in self.label)
