"""Bank links and transfers behind the scenes: what is in the mail to the bank, and what a person decides."""

from __future__ import annotations

from typing import Any

from sandbox.control.people import refuse_unknown
from sandbox.money.links import LIVING, decide_link
from sandbox.money.transfers import FATES, TransferRefused, reject_transfer, script_next_deposit
from sandbox.world import World

DECISIONS = ("Approved", "PendingApproval", "Error")


def show_money(world: World, account_id: int | None = None) -> dict[str, Any]:
    """Links with their small amounts; amounts are strings, exact."""
    where, values = ("account_id = ?", (account_id,)) if account_id is not None else ("1 = 1", ())
    found = world.state.rows(f"SELECT * FROM bank_link WHERE {where} ORDER BY number", *values)  # noqa: S608
    return {
        "links": [
            {
                "id": link["id"],
                "account": link["account_id"],
                "name": link["name"],
                "status": link["status"],
                "small_amounts": [str(link["amount_1"]), str(link["amount_2"])],
            }
            for link in found
        ],
        "transfers": [
            {
                "id": transfer["id"],
                "account": transfer["account_id"],
                "mechanism": transfer["mechanism"],
                "deposit": bool(transfer["is_deposit"]),
                "amount": str(transfer["amount"]),
                "status": transfer["status"],
            }
            for transfer in world.state.rows(f"SELECT * FROM transfer WHERE {where} ORDER BY number", *values)  # noqa: S608
        ],
    }


def decide_money(world: World, raw: dict[str, Any]) -> dict[str, Any]:
    """{"link", "status"}: approve a link, send it back to review, or let it fail. {"transfer", "status": "Rejected"}:
    the bank refuses, what has moved moves back. {"next_deposit": "Rejected" | "Returned" | null}: what the bank will
    do with the next one. Raises ValueError."""
    refuse_unknown(raw, {"link", "transfer", "status", "next_deposit"})
    if "next_deposit" in raw:
        if raw["next_deposit"] not in (None, *FATES):
            raise ValueError(f"next_deposit is null or one of {', '.join(FATES)}")
        script_next_deposit(world.market, raw["next_deposit"])
        return show_money(world)
    if "transfer" in raw:
        if raw.get("status") != "Rejected":
            raise ValueError("a transfer can be Rejected")
        try:
            reject_transfer(world.market, str(raw["transfer"]))
        except TransferRefused as refused:
            raise ValueError(str(refused)) from None
        return show_money(world)
    if raw.get("status") not in DECISIONS:
        raise ValueError(f"status is one of {', '.join(DECISIONS)}")
    link = world.state.row("SELECT * FROM bank_link WHERE id = ?", str(raw.get("link")))
    if link is None or link["status"] not in LIVING:
        raise ValueError("there is no such link, or it has ended")
    decide_link(world.market, link["id"], raw["status"])
    return show_money(world, link["account_id"])
