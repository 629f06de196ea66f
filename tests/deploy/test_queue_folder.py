"""The demo's task queue: a message is there whole, or not there yet."""

import json
import subprocess
import sys
import time
from queue import Empty

import pytest
from kombu import Connection

from deploy.local.environment import ROOT

PRODUCER = """
import json, sys
import config.celery
from kombu import Connection
with Connection("filesystem://", transport_options=json.loads(sys.argv[1])) as connection:
    queue = connection.SimpleQueue("nudges")
    for number in range(500):
        queue.put({"number": number, "padding": "x" * 2000})
"""


@pytest.fixture
def folders(tmp_path) -> dict[str, str]:
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    inside, control = str(tmp_path / "queue"), str(tmp_path / "control")
    return {"data_folder_in": inside, "data_folder_out": inside, "control_folder": control}


class TestQueueFolder:
    def test_a_reader_in_a_hurry_never_meets_half_a_message(self, folders) -> None:
        producers = [
            subprocess.Popen([sys.executable, "-c", PRODUCER, json.dumps(folders)], cwd=ROOT) for _ in range(2)
        ]
        received: list[int] = []
        with Connection("filesystem://", transport_options=folders) as connection:
            queue = connection.SimpleQueue("nudges", no_ack=True)
            deadline = time.monotonic() + 60
            while len(received) < 1000 and time.monotonic() < deadline:
                try:
                    received.append(queue.get(block=False).payload["number"])
                except Empty:
                    continue
        assert [producer.wait() for producer in producers] == [0, 0]
        assert sorted(received) == sorted([*range(500), *range(500)])
