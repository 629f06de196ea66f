"""What has come and is not read yet. A slow reader never makes it grow, and is never left in ignorance.

Of news with a key (quotes) the newest is kept, at the place of the first: a reader who falls behind sees fewer ticks,
all of them fresh. News without one (orders, positions, balances) are all kept, up to `capacity`; then all of them are
dropped at once and a Gap says so, since half a story is worse than none.
"""

import asyncio
from collections.abc import Hashable
from itertools import count

from .news import Gap, GapReason, Interrupted, News

CAPACITY = 10_000


class Mailbox:
    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._waiting: dict[Hashable, News] = {}  # in the order in which they are read
        self._kept: dict[Hashable, None] = {}  # the places of news without a key
        self._numbers = count()
        self._something = asyncio.Event()
        self._end: Exception | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, news: News) -> None:
        """Leave `news`; never waits."""
        if isinstance(news, Gap | Interrupted):
            self._put_last(news)
        elif news.key is not None:
            self._waiting[news.key] = news
        else:
            place = (Mailbox, next(self._numbers))
            self._waiting[place] = news
            self._kept[place] = None
            if len(self._kept) > self._capacity:
                self._give_up(news)
        self._something.set()

    async def get(self) -> News:
        """The next news, waiting for it. Raises what `close` was given, or StopAsyncIteration."""
        while not self._waiting:
            if self._closed:
                raise self._end or StopAsyncIteration
            self._something.clear()
            await self._something.wait()
        place = next(iter(self._waiting))
        self._kept.pop(place, None)
        return self._waiting.pop(place)

    def close(self, end: Exception | None = None) -> None:
        """After what waits, there is no more. With `end`, reading on raises it."""
        self._closed, self._end = True, self._end or end
        self._something.set()

    def clear(self) -> None:
        self._waiting.clear()
        self._kept.clear()

    def _put_last(self, news: Gap | Interrupted) -> None:
        """One Gap covers all before it, for whoever reads it refreshes then; so only the last one waits."""
        older = self._waiting.pop(news.key, None)
        if isinstance(older, Gap) and isinstance(news, Gap) and older.since < news.since:
            news = Gap(received_at=news.received_at, since=older.since, reason=news.reason)
        self._waiting[news.key] = news

    def _give_up(self, newest: News) -> None:
        oldest = self._waiting[next(iter(self._kept))]
        for place in self._kept:
            del self._waiting[place]
        self._kept.clear()
        self._put_last(Gap(received_at=newest.received_at, since=oldest.received_at, reason=GapReason.SLOW_CONSUMER))
