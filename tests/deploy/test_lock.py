"""requirements.lock and uv.txt: exact releases, each with its hashes, from no particular place."""

import re

import pytest

from deploy.local.environment import ROOT

LOCKS = [ROOT / "requirements.lock", ROOT / "deploy" / "local" / "uv.txt"]


def requirements(text: str) -> list[str]:
    """Join continued lines; drop comments."""
    joined = text.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
class TestLockedPackages:
    def test_it_pins_every_package_to_one_release_with_hashes(self, lock) -> None:
        lines = requirements(lock.read_text())
        assert lines
        for line in lines:
            assert re.match(r"^[a-z0-9._-]+==[^ ]+( ; [^-]+)? +--hash=sha256:[0-9a-f]{64}", line), line

    def test_it_names_no_host(self, lock) -> None:
        assert not re.search(r"https?:|--(extra-)?index|--find-links|@ ", lock.read_text())


class TestRequirements:
    def test_every_package_we_ask_for_is_locked(self) -> None:
        asked = re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements.in").read_text(), re.MULTILINE)
        locked = {line.split("==")[0] for line in requirements((ROOT / "requirements.lock").read_text())}
        assert not set(asked) - locked
