"""A limiter for one process and its threads. A forked child counts for itself: share a SqliteLimiter then."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .bucket import Bucket
from .limiter import BucketLimiter


class MemoryLimiter(BucketLimiter):
    def __init__(self, *, clock: Callable[[], float] = time.monotonic, **options: Any) -> None:
        super().__init__(**options)
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    @contextmanager
    def opened(self, name: str) -> Iterator[tuple[Bucket, float]]:
        with self._lock:
            now = self._clock()
            if name not in self._buckets:
                # A new key is rare (a token a day); that is the moment to forget those that have gone.
                self._buckets = {other: bucket for other, bucket in self._buckets.items() if bucket.idle_at > now}
            yield self._buckets.setdefault(name, Bucket()), now
