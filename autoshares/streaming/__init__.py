"""What moves, as it moves: quotes, orders, positions, balances and watchlists over WebSocket, for asyncio.

    streams = StreamClient(client)
    async with streams.quotes(4, 17) as quotes:
        async for news in quotes:
            match news:
                case QuoteTick():
                    print(news.security_id, news.price)
                case Gap():
                    ...  # something may have been missed: read again by REST

A stream heals by itself: it notices silence, reconnects, subscribes again, and then says `Gap`, because AutoShares'
frames carry no numbers and nobody can know what was missed. It ends with an error only if AutoShares no longer takes
the token. Source: API.md 9.
"""

from .door import ClientDoor, Door, Entrance
from .news import (
    AlertUpdate,
    BalanceUpdate,
    CandleUpdate,
    Gap,
    GapReason,
    Interrupted,
    News,
    OrderUpdate,
    OtherUpdate,
    PositionUpdate,
    QuoteTick,
    Refused,
    WatchlistContentUpdate,
    WatchlistUpdate,
)
from .picture import AccountPicture
from .stream import Backoff, DataStream, QuoteStream, StreamClient

__all__ = [
    "AccountPicture",
    "AlertUpdate",
    "Backoff",
    "BalanceUpdate",
    "CandleUpdate",
    "ClientDoor",
    "DataStream",
    "Door",
    "Entrance",
    "Gap",
    "GapReason",
    "Interrupted",
    "News",
    "OrderUpdate",
    "OtherUpdate",
    "PositionUpdate",
    "QuoteStream",
    "QuoteTick",
    "Refused",
    "StreamClient",
    "WatchlistContentUpdate",
    "WatchlistUpdate",
]
