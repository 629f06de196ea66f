"""What people say about themselves: name, address, and how they like to trade."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.people.confirmations import redeem
from sandbox.world import World

# The vendor's defaults of an order ticket. Source: its reference of user settings (API fact sheet 5.2).
_TICKET = {
    "OrderType": "Market", "DurationType": "Day", "ExchangeType": "Auto", "ExtendedHoursType": "REG", "AON": False,
}  # fmt: skip
DEFAULT_TRADING: dict[str, Any] = {
    "QuantityStepIncrementMultiplier": 1,
    "PriceStepIncrementMultiplier": 1,
    "DoNotCloseTradePopupOnOrderPlacement": False,
    "SkipVerifyOrder": "Show",
    "SkipVerifyCancelOrder": "Show",
    "SkipVerifyClosingPosition": "Show",
    "SkipVerifyOrderReplace": "Show",
    "SkipPlaceOrderStatus": "Show",
    "SkipCancelOrderStatus": "Show",
    "SkipClosingPositionStatus": "Show",
    "SkipOrderReplaceStatus": "Show",
    "MaxStocksQuantity": 10_000_000,
    "MaxOptionsQuantity": 99,
    "Instruments": {
        "Stocks": {**_TICKET, "Quantity": 100},
        "Options": {**_TICKET, "Quantity": 50, "Spreads": 1},
        "Forex": {**_TICKET, "Quantity": 1},
    },
}


def trading_settings(user: sqlite3.Row) -> dict[str, Any]:
    """How the user's order tickets are filled in."""
    saved: dict[str, Any] = json.loads(user["trading_settings"] or "{}")
    return _over(DEFAULT_TRADING, saved)


def save_trading_settings(world: World, user: sqlite3.Row, settings: dict[str, Any]) -> dict[str, Any]:
    """Replace all of them; what is left out goes back to its default."""
    world.state.db.execute("UPDATE user SET trading_settings = ? WHERE id = ?", (json.dumps(settings), user["id"]))
    return _over(DEFAULT_TRADING, settings)


def _over(defaults: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _over(value, said.get(name, {})) if isinstance(value, dict) else said.get(name, value)
        for name, value in defaults.items()
    }


def change_profile(world: World, user: sqlite3.Row, columns: dict[str, Any]) -> sqlite3.Row:
    """Write down what was said, by column of the table; the user as he or she is now."""
    if columns:
        sets = ", ".join(f"{name} = ?" for name in columns)  # names are those of our own code
        world.state.db.execute(f"UPDATE user SET {sets} WHERE id = ?", (*columns.values(), user["id"]))  # noqa: S608
    changed = world.state.row("SELECT * FROM user WHERE id = ?", user["id"])
    assert changed is not None  # noqa: S101 - the one that was just changed
    return changed


class NotAdded(Exception):
    """`already` tells a member from a token that is worth nothing."""

    def __init__(self, *, already: bool) -> None:
        super().__init__("already a member" if already else "no such token")
        self.already = already


def become_pro_trader(world: World, user: sqlite3.Row, token: str) -> None:
    """Join the vendor's ProTrader group with the token of a mail. Raises NotAdded."""
    if user["pro_trader"]:
        raise NotAdded(already=True)
    with world.state.transaction() as db:
        holder = redeem(world, token, "AddUserToProGroup")
        if holder is None or holder["id"] != user["id"]:
            raise NotAdded(already=False)
        db.execute("UPDATE user SET pro_trader = 1 WHERE id = ?", (user["id"],))
