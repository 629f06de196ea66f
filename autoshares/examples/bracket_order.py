"""Watch a price, buy with a take-profit and a stop-loss in one order (OTOCO), and print fills and prices as they come.

    python -m autoshares.examples.bracket_order AAPL 10

The environment says where and who: see signing_in.py. It ends when one of the two has closed the position again. This
places a real order: try it in the sandbox.
"""

import argparse
import asyncio
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

from autoshares import Client, Order, OrderDraft, OrderType, Side, TimeInForce
from autoshares.examples.signing_in import client_from_environment
from autoshares.streaming import DataStream, Gap, OrderUpdate, QuoteStream, QuoteTick, StreamClient

CENT = Decimal("0.01")
MOST_PRICES = 1000  # lines; after them only fills are printed


def bracket_around(price: Decimal, *, symbol: str, quantity: Decimal, distance: Decimal) -> OrderDraft:
    """Buy near `price`; sell `distance` (a share of it: 0.01 is 1 %) above or below."""
    entry = OrderDraft(
        symbol=symbol,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=quantity,
        limit_price=(price * (1 + distance / 2)).quantize(CENT),  # above the market: bought at once, never dearer
        time_in_force=TimeInForce.GOOD_TILL_CANCEL,
    )
    above, below = ((price * (1 + side * distance)).quantize(CENT) for side in (1, -1))
    take_profit = replace(entry, side=Side.SELL, limit_price=above)
    stop_loss = replace(entry, side=Side.SELL, type=OrderType.STOP, limit_price=None, stop_price=below)
    return OrderDraft.bracket(entry, take_profit, stop_loss, client_id=str(uuid4()))


async def first_price(quotes: QuoteStream) -> Decimal:
    async for news in quotes:
        if isinstance(news, QuoteTick) and news.price:
            show_price(news)
            return news.price
    raise RuntimeError("The stream ended.")


def show_price(tick: QuoteTick) -> None:
    print(f"{tick.price} at {tick.at:%H:%M:%S}", flush=True)


async def watch(quotes: QuoteStream) -> None:
    """Print the prices that follow."""
    left = MOST_PRICES
    async for news in quotes:
        if isinstance(news, QuoteTick) and news.price:
            show_price(news)
            left -= 1
            if not left:
                return


async def follow(head: Order, *, account_id: int, account: DataStream, client: Client) -> None:
    """Print the fills of the bracket's legs until it is over."""
    filled: dict[int, Decimal] = {}

    def show(leg: Order) -> None:
        more = leg.executed_quantity - filled.get(leg.id, Decimal(0))
        if more > 0:
            filled[leg.id] = leg.executed_quantity
            print(f"{leg.side} {more.normalize():f} {leg.symbol}, on average at {leg.average_price:.2f}", flush=True)

    async for news in account:
        match news:
            case OrderUpdate(order=order) if order.id == head.id and order.status.is_final:
                print(order.status, flush=True)
                return
            case OrderUpdate(order=order) if order.parent_id == head.id:
                show(order)
            case Gap():  # fills may have been missed: ask
                now = await asyncio.to_thread(client.orders.get, account_id, head.id)
                for leg in now.legs:
                    show(leg)
                if now.status.is_final:
                    print(now.status, flush=True)
                    return


async def main(symbol: str, quantity: Decimal, distance: Decimal) -> None:
    client = client_from_environment()
    account_id = client.accounts.of_me()[0].id
    equity = client.equities.by_symbol(symbol)
    streams = StreamClient(client)
    async with streams.quotes(equity.id) as quotes, streams.accounts(account_id) as account:
        draft = bracket_around(await first_price(quotes), symbol=symbol, quantity=quantity, distance=distance)
        head = await asyncio.to_thread(client.orders.place, account_id, draft)
        print(f"order {head.id}: {head.status}", flush=True)
        watching = asyncio.create_task(watch(quotes))
        await follow(head, account_id=account_id, account=account, client=client)
        watching.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("symbol")
    parser.add_argument("quantity", type=Decimal)
    parser.add_argument("--distance", type=Decimal, default=Decimal("0.01"), help="0.01: 1 %% away on both sides")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.symbol, arguments.quantity, arguments.distance))
