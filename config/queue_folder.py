"""Celery's `filesystem://` broker, with messages that appear whole.

Kombu creates a message's file and fills it afterwards. A worker that looks in between finds it empty, fails to
read it and ends. Here a file gets its name once it is complete. `config.celery` puts this in kombu's place.
"""

import os
import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


def write_whole(path: Path, content: object) -> None:
    """Write JSON so that a reader sees all of it or no file. A leading dot keeps it from looking like a message."""
    unfinished = path.with_name(f".{uuid.uuid4()}")
    unfinished.write_text(dumps(content))
    os.replace(unfinished, path)  # noqa: PTH105 - replaces, on every system


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        write_whole(Path(self.data_folder_out) / f"{monotonic_ns():020d}_{uuid.uuid4()}.{queue}.msg", payload)

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None) -> None:
        path = Path(self._exchange_file(exchange))
        binding = [routing_key or "", pattern or "", queue or ""]
        known = loads(path.read_text()) if path.exists() else []
        if binding not in known:
            write_whole(path, [binding, *known])


class Transport(filesystem.Transport):
    Channel = Channel
