"""Kombu's file system transport, with messages that appear whole.

The original creates a message's file and fills it afterwards; a worker that looks in between takes an empty
file, fails to parse it and dies. Here a message is written under a name that nobody looks for and renamed.
Used by demo and tests, where nothing is to be installed; production has a real broker.
"""

import uuid
from pathlib import Path
from time import monotonic

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: object, **kwargs: object) -> None:
        """Put `payload` onto `queue`; the name sorts by time, and renaming within a folder is atomic."""
        message = Path(self.data_folder_out) / f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        draft = message.with_suffix(".draft")
        draft.write_text(dumps(payload))
        draft.rename(message)


class Transport(filesystem.Transport):
    Channel = Channel
