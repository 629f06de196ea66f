"""The check itself: what it lets pass, and what it does not."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.api import errors
from tests.conformance.deviations import CONTRACT_NOTES, Deviation, kind_of, read_deviations
from tests.conformance.report import WHOLE_RUN, is_good, passed, report_on
from tests.conformance.run import Run
from tests.sandbox.actors import Box

INDUSTRIES = "/v{version}/ipo/industries"
PARAMETERS = [{"name": "version", "in": "path", "required": True, "type": "string", "default": "1.0"}]
REFUSALS = {"401": {"description": "no"}, "403": {"description": "no"}}
LISTED = Deviation("D1", ("GET /ipo/*",), ("2xx",), ("other",), ("schema",), "Industries are words.")


def contract(path: str, items: str) -> dict[str, Any]:
    """A description of one operation that answers an array."""
    answer = {"description": "OK", "schema": {"type": "array", "items": {"type": items}}}
    operation = {
        "parameters": PARAMETERS,
        "produces": ["application/json"],
        "responses": REFUSALS | {"200": answer},
    }
    return {
        "swagger": "2.0",
        "info": {"title": "Small", "version": "1"},
        "basePath": "/api",
        "paths": {path: {"get": operation}},
    }


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with tempfile.TemporaryFile("w+") as errors, Box(errors=errors) as box:
        yield box


def score(done: Run) -> str:
    return report_on(done).splitlines()[-1]


class TestVerdicts:
    @pytest.fixture
    def run(self, box: Box) -> Callable[..., Run]:
        """Check one operation against a small description."""

        def run(path: str, items: str, *deviations: Deviation) -> Run:
            done = Run(contract(path, items), list(deviations), 5)
            done.go(box)
            return done

        return run

    def test_an_operation_that_lets_anybody_in_fails(self, run: Callable[..., Run]):
        assert "credentials, " in report_on(run("/health", "string"))

    def test_an_operation_that_answers_as_described_counts(self, run: Callable[..., Run]):
        assert score(run(INDUSTRIES, "string")) == "1/1"

    def test_an_unlisted_deviation_fails(self, run: Callable[..., Run]):
        done = run(INDUSTRIES, "integer")
        assert score(done) == "0/1"
        assert "schema, " in report_on(done)

    def test_a_listed_one_does_not(self, run: Callable[..., Run]):
        done = run(INDUSTRIES, "integer", LISTED)
        assert score(done) == "1/1"
        assert "D1" in report_on(done)

    def test_one_that_never_occurs_fails_a_whole_run(self, run: Callable[..., Run]):
        for deviations, good in (((), True), ((LISTED,), False)):
            done = run(INDUSTRIES, "string", *deviations)
            assert is_good(done)  # of a short one it says nothing
            done.wanted = WHOLE_RUN
            assert is_good(done) == good
            assert ("remove them from docs/contract.md: D1" in report_on(done)) != good

    def test_one_that_is_listed_for_another_status_does(self, run: Callable[..., Run]):
        elsewhere = Deviation("D1", ("*",), ("409",), ("other",), ("schema",), "Industries are words.")
        assert score(run(INDUSTRIES, "integer", elsewhere)) == "0/1"

    def test_an_operation_that_is_never_answered_with_success_does_not_count(self, run: Callable[..., Run]):
        missing = Deviation("D1", ("*",), ("404",), ("E7", "other"), ("status",), "It is not there.")
        done = run("/v{version}/nowhere", "string", missing)
        assert (score(done), passed(list(done.verdicts.values()))) == ("0/1", [])

    def test_a_missing_route_is_not_excused_as_a_missing_parameter(self, run: Callable[..., Run]):
        missing = Deviation("D1", ("*",), ("404",), ("E7",), ("status",), "A parameter is missing.")
        assert "status, " in report_on(run("/v{version}/nowhere", "string", missing))


class TestBodies:
    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            (errors.app_key_unknown(403), "E1"), (errors.denied(), "E3"), (errors.unexpected(), "E4"),
            (errors.model_invalid("Type"), "E5"), (errors.unsupported_version("GET"), "E6"),
            (errors.no_resource("http://x/y"), "E7"), (errors.request_invalid(), "E8"), (errors.user_unknown(), "E9"),
            (errors.ApiError(409), "empty"), (errors.too_many_requests(), "other"),
        ],
    )  # fmt: skip
    def test_the_vendors_error_bodies_are_recognized(self, error: errors.ApiError, kind: str):
        assert kind_of(bytes(error.as_response().body)) == kind

    def test_anything_else_is_another(self):
        assert [kind_of(body) for body in (b"[]", b"<html>", b'{"Id": 1}')] == ["other"] * 3


class TestTheList:
    def table(self, folder: Path, row: str) -> Path:
        page = folder / "contract.md"
        page.write_text(
            f"| Id | Operations | Status | Body | Check | Reason |\n|---|---|---|---|---|---|\n{row}\n\nEnd"
        )
        return page

    def test_it_is_read_from_the_page_that_people_read(self):
        found = {deviation.id: deviation for deviation in read_deviations()}
        assert CONTRACT_NOTES.name == "contract.md"
        assert found["D1"].covers("GET /users/{userId}/watchlists", 404, "E7", "status")
        assert not found["D1"].covers("GET /users/{userId}/watchlists", 404, "E7", "schema")

    @pytest.mark.parametrize(
        "row",
        [
            "| D1 | `*` | 404 | E7 | status | |", "| D1 | all | 404 | E7 | status | x |",
            "| D1 | `*` | any | E7 | status | x |", "| D1 | `*` | 404 | E99 | status | x |",
            "| D1 | `*` | 404 | E7 | everything | x |", "| D1 | `*` | 404 | E7 | status |",
        ],
    )  # fmt: skip
    def test_a_row_without_a_reason_or_sense_is_refused(self, tmp_path: Path, row: str):
        with pytest.raises(ValueError, match="D1"):
            read_deviations(self.table(tmp_path, row))

    def test_an_id_stands_once(self, tmp_path: Path):
        row = "| D1 | `*` | 404 | E7 | status | x |"
        with pytest.raises(ValueError, match="twice"):
            read_deviations(self.table(tmp_path, f"{row}\n{row}"))
