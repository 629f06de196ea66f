"""The message queue of demo and tests: a reader never meets half a message."""

import threading
from queue import Empty

from config.celery import app

MESSAGES = 300


class TestFolderQueue:
    def test_it_carries_every_message_whole_while_readers_race_the_writer(self):
        taken: list[int] = []
        failures: list[Exception] = []
        is_written = threading.Event()

        def read() -> None:
            with app.connection_for_read() as connection:
                queue = connection.SimpleQueue("race")
                while True:
                    was_written = is_written.is_set()
                    try:
                        message = queue.get_nowait()
                    except Empty:
                        if was_written:
                            return
                    except Exception as failure:
                        failures.append(failure)
                        return
                    else:
                        taken.append(message.payload["number"])
                        message.ack()

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        with app.connection_for_write() as connection:
            queue = connection.SimpleQueue("race")
            for number in range(MESSAGES):
                queue.put({"number": number, "padding": "x" * 2000})
        is_written.set()
        for reader in readers:
            reader.join(20)
        assert failures == []
        assert sorted(taken) == list(range(MESSAGES))
