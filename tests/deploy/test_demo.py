"""`make demo`, whole: one command starts everything, whatever ends it ends all of it, and the data stays.

Each start costs seconds, so this is one story in three starts: a cold one, a warm one, one after a crash.
"""

import os
import signal
import subprocess
import sys
import urllib.request

import psutil
import psycopg
import pytest

from deploy.local.environment import ROOT
from deploy.local.ports import check_free
from tests.deploy.demo_process import DemoProcess, running_demo
from tests.support.sandboxes import free_port

SIGNS = {
    "postgres": "bin/postgres",
    "sandbox": "-m sandbox",
    "web": "deploy.local.web",
    "worker": " worker ",
    "beat": " beat ",
}


@pytest.fixture
def ports() -> dict[str, int]:
    return {"web_port": free_port(), "sandbox_port": free_port()}


def part(name: str, family: list[psutil.Process]) -> psutil.Process:
    """The direct child of the launcher that is this part, by its command line."""
    return next(process for process in family if SIGNS[name] in " ".join(process.cmdline()))


def assert_nothing_is_left(family: list[psutil.Process], ports: dict[str, int]) -> None:
    assert not psutil.wait_procs(family, timeout=20)[1]
    check_free("WEB_PORT", ports["web_port"])
    check_free("SANDBOX_PORT", ports["sandbox_port"])


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status


def run_module(name: str, demo: DemoProcess) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", f"deploy.local.{name}"]
    return subprocess.run(command, cwd=ROOT, env=demo.environment, capture_output=True, text=True, timeout=20)


class TestDemo:
    def test_it_starts_stops_keeps_its_data_survives_a_crash_and_forgets(self, tmp_path, ports) -> None:
        home = tmp_path / "home"
        with running_demo(home, **ports) as demo:
            self.every_part_answers(demo)
            self.nobody_starts_it_twice_or_resets_it_under_way(demo)
            with psycopg.connect(demo.addresses["database_url"]) as connection:
                connection.execute("CREATE TABLE kept_by_demo (n int)")
            keys = (home / "demo.env").read_text()
            self.ctrl_c_stops_it_without_complaint(demo, ports)

        with running_demo(home, **ports) as demo:
            assert (home / "demo.env").read_text() == keys
            self.a_killed_launcher_leaves_nothing_on_linux(demo, ports)

        with running_demo(home, **ports) as demo:
            with psycopg.connect(demo.addresses["database_url"]) as connection:
                connection.execute("DROP TABLE kept_by_demo")
            self.a_part_that_dies_ends_all_of_it(demo, ports)
        self.reset_forgets_the_demo_and_nothing_else(demo)

    def every_part_answers(self, demo: DemoProcess) -> None:
        family = demo.family()
        assert all(part(name, family) for name in SIGNS)
        assert status(demo.addresses["web"]) == 200
        assert status(demo.addresses["sandbox"]) == 200
        assert (demo.home / "demo.env").stat().st_mode & 0o077 == 0

    def nobody_starts_it_twice_or_resets_it_under_way(self, demo: DemoProcess) -> None:
        again, reset = run_module("demo", demo), run_module("reset", demo)
        assert (again.returncode, "running already" in again.stderr) == (1, True)
        assert (reset.returncode, "Stop it with Ctrl-C first" in reset.stderr) == (1, True)
        assert status(demo.addresses["web"]) == 200

    def ctrl_c_stops_it_without_complaint(self, demo: DemoProcess, ports: dict[str, int]) -> None:
        family = demo.family()
        code, output = demo.stop(signal.SIGINT)
        assert code == 0
        for word in ("investor@demo.test", "open-the-market", demo.addresses["web"], demo.addresses["sandbox"]):
            assert word in output
        assert "Traceback" not in output
        assert_nothing_is_left(family, ports)
        assert not (demo.home / "addresses.json").exists()

    def a_killed_launcher_leaves_nothing_on_linux(self, demo: DemoProcess, ports: dict[str, int]) -> None:
        family = demo.family()
        os.kill(demo.process.pid, signal.SIGKILL)
        demo.wait()
        if sys.platform == "linux":  # elsewhere the next start ends them
            assert_nothing_is_left(family, ports)

    def a_part_that_dies_ends_all_of_it(self, demo: DemoProcess, ports: dict[str, int]) -> None:
        family = demo.family()
        part("worker", family).kill()
        code, output = demo.wait()
        assert code == 1
        assert "The worker died, see" in output
        assert "worker.log" in output
        assert_nothing_is_left(family, ports)

    def reset_forgets_the_demo_and_nothing_else(self, demo: DemoProcess) -> None:
        (demo.home / "notes.txt").write_text("mine")
        assert run_module("reset", demo).returncode == 0
        assert [path.name for path in demo.home.iterdir()] == ["notes.txt"]
