"""What a killed launcher left running is ended by the next start; a number that means another process now is not."""

import subprocess
import sys

import pytest

from deploy.local.home import Home
from deploy.local.processes import end_leftover, fingerprint


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


class TestLeftovers:
    def test_it_ends_the_process_that_it_remembers(self, sleeper, tmp_path) -> None:
        home = Home(tmp_path)
        home.remember_parts([sleeper])
        assert home.sweep() == 1
        assert sleeper.poll() is not None
        assert home.sweep() == 0

    def test_it_lets_a_younger_process_with_the_same_number_be(self, sleeper) -> None:
        mark = fingerprint(sleeper.pid)
        assert mark is not None
        assert not end_leftover(mark | {"started": mark["started"] - 60})
        assert sleeper.poll() is None

    def test_it_is_content_when_the_process_is_gone(self, sleeper) -> None:
        mark = fingerprint(sleeper.pid)
        sleeper.kill()
        sleeper.wait()
        assert not end_leftover(mark)
