"""The bench: its parts are found, what they measured is written down, and a part that fails does not hide."""

import json
import socket
import threading

import pytest

from bench.__main__ import PARTS, RESULTS, main, run
from bench.figures import figure
from bench.vendor_line import vendor_line
from bench.wire import connect, read_answer

FAST = {"walk_ms": figure(1.234, "ms", "on foot")}
PLACEMENT = b"POST /api/v1.0/accounts/1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


def fail():
    raise ZeroDivisionError("the clock stood still")


class TestRun:
    def test_it_writes_a_value_a_unit_and_a_note_for_each_name(self, tmp_path, capsys):
        results = tmp_path / "results.json"
        assert run({"walk": lambda: FAST}, results, keeping=False) == []
        assert json.loads(results.read_text()) == {"walk_ms": {"value": 1.23, "unit": "ms", "note": "on foot"}}
        assert "walk_ms" in capsys.readouterr().out

    def test_a_part_that_fails_is_named_and_does_not_stop_the_others(self, tmp_path, capsys):
        results = tmp_path / "results.json"
        assert run({"broken": fail, "walk": lambda: FAST}, results, keeping=False) == ["broken"]
        assert "the clock stood still" in capsys.readouterr().err
        assert set(json.loads(results.read_text())) == {"walk_ms"}

    @pytest.mark.parametrize(("keeping", "names"), [(True, {"old_s", "walk_ms"}), (False, {"walk_ms"})])
    def test_a_part_alone_keeps_the_figures_of_the_others(self, tmp_path, keeping, names):
        results = tmp_path / "results.json"
        results.write_text(json.dumps({"old_s": figure(2, "s", "yesterday")}))
        run({"walk": lambda: FAST}, results, keeping=keeping)
        assert set(json.loads(results.read_text())) == names

    def test_it_knows_its_parts_by_name(self):
        assert set(PARTS) >= {"sandbox", "demo", "polling", "streams", "tests"}
        assert main(["no-such-part"]).startswith("There is no part no-such-part")

    def test_what_is_committed_has_the_documented_form(self):
        for name, measured in json.loads(RESULTS.read_text()).items():
            assert set(measured) == {"value", "unit", "note"}, name
            assert isinstance(measured["value"], int | float), name


class TestVendorLine:
    @pytest.fixture
    def answering(self):
        """A vendor that answers one request; its port."""
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def answer() -> None:
                with listener.accept()[0] as caller:
                    caller.recv(65536)
                    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

            thread = threading.Thread(target=answer)
            thread.start()
            yield listener.getsockname()[1]
            thread.join()

    @pytest.mark.parametrize(
        ("request_", "seen"), [(PLACEMENT, 1), (PLACEMENT.replace(b"/orders ", b"/preview/orders "), 0)]
    )
    def test_it_passes_everything_on_and_times_placements(self, answering, request_, seen):
        with vendor_line(answering) as line, connect(line.server_address[1]) as caller:
            caller.sendall(request_)
            answer = read_answer(caller)
        assert (answer.status, answer.body) == (200, b"{}")
        calls = line.take_placements()
        assert len(calls) == seen
        assert all(call.sent < call.answered for call in calls)
