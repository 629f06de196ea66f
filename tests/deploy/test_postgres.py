"""The embedded PostgreSQL: ours alone, and gone when we are."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.local.environment import ROOT
from deploy.local.postgres import EmbeddedPostgres


@pytest.fixture
def folder():
    """A short path: pytest's own folders are too long for a socket, which has a test of its own."""
    with tempfile.TemporaryDirectory(prefix="pg-") as path:
        yield Path(path)


@pytest.fixture
def server(folder):
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    yield server
    server.stop()


class TestEmbeddedPostgres:
    def test_it_creates_the_database_once_and_keeps_what_is_in_it(self, server, folder) -> None:
        server.create_database()
        server.create_database()
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        server.stop()
        again = EmbeddedPostgres(folder, durable=False)
        again.start()
        with psycopg.connect(again.url()) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        again.stop()

    def test_it_leaves_no_process_and_no_socket(self, server) -> None:
        process, sockets = psutil.Process(server.process.pid), server.sockets
        server.stop()
        assert not process.is_running()
        assert not sockets.exists()

    def test_it_does_not_follow_the_libpq_variables_of_the_shell(self, server, monkeypatch) -> None:
        monkeypatch.setenv("PGPORT", "1")
        monkeypatch.setenv("PGHOST", "nowhere.invalid")
        psycopg.connect(server.url("postgres")).close()

    def test_nobody_else_may_pass_to_its_socket(self, server) -> None:
        assert server.sockets.stat().st_mode & 0o077 == 0

    def test_it_finds_a_short_path_for_its_socket_below_a_long_one(self, folder) -> None:
        server = EmbeddedPostgres(folder / ("x" * 100), durable=False)
        server.start()
        sockets = server.sockets
        try:
            psycopg.connect(server.url("postgres")).close()
        finally:
            server.stop()
        assert not sockets.exists()


class TestServerThatOutlivedItsOwner:
    def test_it_is_ended_by_the_next_start(self, server, folder) -> None:
        leftover = psutil.Process(server.process.pid)
        following = EmbeddedPostgres(folder, durable=False)
        following.start()
        try:
            assert not leftover.is_running() or leftover.status() == psutil.STATUS_ZOMBIE
            psycopg.connect(following.url("postgres")).close()
        finally:
            following.stop()

    def test_children_of_a_killed_server_are_gone_before_the_next_one_starts(self, server, folder) -> None:
        busy = psycopg.connect(server.url("postgres"), autocommit=True, options="-c synchronous_commit=on")
        busy.execute("CREATE TABLE kept (n int)")
        child = psutil.Process(busy.info.backend_pid)
        child.suspend()  # it does not notice
        server.process.kill()
        server.process.wait()
        following = EmbeddedPostgres(folder, durable=False)
        following.start()
        try:
            assert not child.is_running()
            with psycopg.connect(following.url("postgres")) as connection:
                assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        finally:
            following.stop()
            busy.close()

    def test_a_number_that_now_means_another_process_is_let_be(self, server, folder) -> None:
        server.stop()
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        try:
            (folder / "data" / "postmaster.pid").write_text(f"{other.pid}\n{folder / 'data'}\n")
            following = EmbeddedPostgres(folder, durable=False)
            following.start()
            following.stop()
            assert other.poll() is None
        finally:
            other.kill()
            other.wait()

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
    def test_linux_ends_it_with_its_owner(self, folder) -> None:
        script = (
            "import pathlib, sys, time; from deploy.local.postgres import EmbeddedPostgres\n"
            "server = EmbeddedPostgres(pathlib.Path(sys.argv[1]), durable=False); server.start()\n"
            "print(server.process.pid, flush=True); time.sleep(60)"
        )
        owner = subprocess.Popen(
            [sys.executable, "-c", script, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        server = psutil.Process(int(owner.stdout.readline()))
        os.kill(owner.pid, signal.SIGKILL)
        owner.communicate()
        server.wait(5)
