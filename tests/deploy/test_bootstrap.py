"""From any python3 to a synced .venv: once, checked by hash, and not again."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from deploy.local import bootstrap

WHEEL = "pebble-1.0-py3-none-any.whl"


def make_wheel(folder) -> str:
    """Write a tiny package that no index knows; return the sha256 of the file."""
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr("pebble.py", "weight = 1\n")
        wheel.writestr("pebble-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: pebble\nVersion: 1.0\n")
        wheel.writestr("pebble-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("pebble-1.0.dist-info/RECORD", "")
    return hashlib.sha256((folder / WHEEL).read_bytes()).hexdigest()


class Clone:
    """A project folder with nothing but what the bootstrap reads, and a network that is down."""

    def __init__(self, folder) -> None:
        self.folder = folder
        (folder / "deploy" / "local").mkdir(parents=True)
        for name in ("bootstrap.py", "uv.txt"):
            shutil.copy(bootstrap.ROOT / "deploy" / "local" / name, folder / "deploy" / "local")
        (folder / "wheels").mkdir()
        self.lock(make_wheel(folder / "wheels"))

    def lock(self, sha256: str) -> None:
        (self.folder / "requirements.lock").write_text(f"pebble==1.0 \\\n    --hash=sha256:{sha256}\n")

    def set_up(self) -> subprocess.CompletedProcess:
        offline = {"UV_OFFLINE": "1", "UV_FIND_LINKS": str(self.folder / "wheels"), "UV_NO_CACHE": "1"}
        return subprocess.run(
            [sys.executable, str(self.folder / "deploy" / "local" / "bootstrap.py")],
            env=os.environ | offline,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def weight(self) -> str:
        command = [self.folder / ".venv" / "bin" / "python", "-c", "import pebble; print(pebble.weight)"]
        return subprocess.check_output(command, text=True).strip()


@pytest.fixture
def clone(tmp_path) -> Clone:
    clone = Clone(tmp_path / "clone")
    with bootstrap.one_at_a_time():
        uv = bootstrap.find_uv()
    (clone.folder / ".local" / "uv" / "bin").mkdir(parents=True)
    (clone.folder / ".local" / "uv" / "bin" / "uv").symlink_to(uv)
    return clone


class TestSetUp:
    def test_it_makes_an_environment_with_the_locked_packages_and_shows_progress(self, clone) -> None:
        done = clone.set_up()
        assert done.returncode == 0, done.stderr
        assert "✓ Installing 1 packages" in done.stdout
        assert clone.weight() == "1"

    def test_it_does_nothing_the_second_time(self, clone) -> None:
        clone.set_up()
        shutil.rmtree(clone.folder / "wheels")
        shutil.rmtree(clone.folder / ".local" / "uv")
        done = clone.set_up()
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def test_it_syncs_again_when_the_lock_changed(self, clone) -> None:
        clone.set_up()
        (clone.folder / "requirements.lock").write_text((clone.folder / "requirements.lock").read_text() + "# newer\n")
        assert "Installing" in clone.set_up().stdout

    def test_it_starts_over_in_a_folder_that_was_moved(self, clone, tmp_path) -> None:
        clone.set_up()
        clone.folder = clone.folder.rename(tmp_path / "moved")
        assert "✓ Making .venv" in clone.set_up().stdout
        assert clone.weight() == "1"

    def test_it_refuses_a_package_with_another_hash(self, clone) -> None:
        clone.lock("0" * 64)
        done = clone.set_up()
        assert done.returncode == 1
        assert "another hash than the one we pinned" in done.stderr
        assert not (clone.folder / ".venv" / ".synced").exists()

    def test_it_says_so_when_the_network_is_missing(self, clone) -> None:
        (clone.folder / "wheels" / WHEEL).unlink()
        done = clone.set_up()
        assert done.returncode == 1
        assert "Is the network there?" in done.stderr
        assert "Traceback" not in done.stderr
