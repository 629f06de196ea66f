"""A taken port is said before anything starts, with the way out."""

import os
import socket
import subprocess
import sys

import pytest

from deploy.local.environment import ROOT, port
from deploy.local.ports import PortTaken, check_free, loopback_sockets
from tests.support.sandboxes import free_port


@pytest.fixture(params=[(socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1")])
def taken_port(request):
    family, address = request.param
    with socket.socket(family) as listener:
        listener.bind((address, 0))
        listener.listen()
        yield listener.getsockname()[1]


class TestPorts:
    def test_it_names_the_port_and_the_variable_that_moves_ours(self, taken_port) -> None:
        with pytest.raises(PortTaken, match=rf"Port {taken_port} is taken.* WEB_PORT={taken_port + 1} make demo"):
            check_free("WEB_PORT", taken_port)

    def test_it_says_nothing_about_a_free_port(self) -> None:
        check_free("WEB_PORT", free_port())

    def test_the_web_server_answers_wherever_a_browser_looks_for_localhost(self) -> None:
        listeners = loopback_sockets(free_port())
        families = {listener.family for listener in listeners}
        for listener in listeners:
            listener.close()
        assert socket.AF_INET in families

    def test_an_answer_in_two_pieces_does_not_wait_for_an_acknowledgement(self) -> None:
        listeners = loopback_sockets(free_port())
        protocols = {listener.proto for listener in listeners}
        for listener in listeners:
            listener.close()
        assert protocols == {socket.IPPROTO_TCP}  # what asyncio asks before it sets TCP_NODELAY

    @pytest.mark.parametrize("text", ["http", "0", "70000", "-1"])
    def test_it_refuses_what_is_no_port(self, text) -> None:
        with pytest.raises(ValueError, match="WEB_PORT must be a port number"):
            port("WEB_PORT", 8000, {"WEB_PORT": text})


class TestDemoOnATakenPort:
    def test_it_stops_at_once_with_a_sentence_and_no_traceback(self, tmp_path) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            taken = listener.getsockname()[1]
            environment = {"DEMO_HOME": str(tmp_path), "WEB_PORT": str(free_port()), "SANDBOX_PORT": str(taken)}
            done = subprocess.run(
                [sys.executable, "-m", "deploy.local.demo"],
                cwd=ROOT,
                env=os.environ | environment,
                capture_output=True,
                text=True,
                timeout=20,
            )
        assert done.returncode == 1
        assert f"SANDBOX_PORT={taken + 1} make demo" in done.stderr
        assert "Traceback" not in done.stderr
