"""Bank links (ACH relationships): two at most per account; money moves over approved ones only.

Source: API fact sheet 5.14. Links made by Plaid are approved at once. Of the others, `Instant` ones are approved at
once when the owner's name is that of the account's holder, and wait for a person otherwise; `Manual` ones wait for the
two small amounts that were sent to the bank account. The control plane shows these amounts, and is that person.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from sandbox.exchange.market import Market
from sandbox.exchange.money import CENT
from sandbox.exchange.walk import key_of, mix

MOST_LINKS = 2
MOST_TRIES = 3
LIVING = ("Pending", "PendingApproval", "Approved")
PLAID_ROUTING_NUMBER = "021000021"


class LinkRefused(Exception):
    """No such link, too many of them, or one that is not in the right state."""


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A bank account to be linked."""

    name: str
    owner_name: str
    routing_number: str
    account_number: str
    kind: str
    approval_method: str


def is_routing_number(text: str) -> bool:
    """Nine digits that check: 3, 7 and 1 times each, three times over, make a multiple of ten. Source: ABA."""
    if len(text) != 9 or not (text.isascii() and text.isdigit()):
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, (3, 7, 1) * 3, strict=True)) % 10 == 0


def holder_of(market: Market, account_id: int) -> str:
    """First and last name of the account's owner."""
    row = market.state.row(
        "SELECT first_name, last_name FROM account_user JOIN user ON user.id = user_id"
        " WHERE account_id = ? ORDER BY access_type = 'Owner' DESC, user_id",
        account_id,
    )
    return f"{row['first_name']} {row['last_name']}" if row else ""


def make_id(market: Market, kind: str, number: int) -> str:
    """The UUID of the so-manieth link or transfer; the same seed gives the same ids."""
    return str(uuid5(NAMESPACE_URL, f"autoshares-sandbox/{market.seed}/{kind}/{number}"))


def links_of(market: Market, account_id: int) -> list[sqlite3.Row]:
    return market.state.rows("SELECT * FROM bank_link WHERE account_id = ? ORDER BY number", account_id)


def find_link(market: Market, account_id: int, link_id: str) -> sqlite3.Row | None:
    return market.state.row(
        "SELECT * FROM bank_link WHERE account_id = ? AND id = ?", account_id, link_id.strip().lower()
    )


def default_link(market: Market, account_id: int) -> sqlite3.Row | None:
    return market.state.row("SELECT * FROM bank_link WHERE account_id = ? AND is_default", account_id)


def create_link(market: Market, account_id: int, bank: BankAccount) -> sqlite3.Row:
    """Raises LinkRefused."""
    _check_room(market, account_id, 1)
    if bank.approval_method == "Manual":
        status = "Pending"
    else:
        is_own = bank.owner_name.split() == holder_of(market, account_id).split()
        status = "Approved" if is_own else "PendingApproval"
    with market.state.transaction():
        return _add(market, account_id, bank, status)


def create_plaid_links(
    market: Market, account_id: int, *, bank_name: str, public_token: str, accounts: Sequence[str]
) -> list[sqlite3.Row]:
    """One approved link for each account that was chosen at Plaid. Raises LinkRefused."""
    _check_room(market, account_id, len(accounts))
    owner = holder_of(market, account_id)
    with market.state.transaction():
        return [
            _add(
                market, account_id,
                BankAccount(
                    bank_name, owner, PLAID_ROUTING_NUMBER, _invented_number(public_token, account), "Checking",
                    "Instant",
                ),
                "Approved",
            )
            for account in accounts
        ]  # fmt: skip


def _invented_number(*parts: str) -> str:
    return f"{key_of('plaid', *parts) % 10**12:012d}"


def _check_room(market: Market, account_id: int, wanted: int) -> None:
    living = [link for link in links_of(market, account_id) if link["status"] in LIVING]
    if not wanted or len(living) + wanted > MOST_LINKS:
        raise LinkRefused(f"An account has {MOST_LINKS} links at most.")


def _add(market: Market, account_id: int, bank: BankAccount, status: str) -> sqlite3.Row:
    row = market.state.row("SELECT coalesce(max(number), 0) + 1 AS number FROM bank_link")
    number: int = row["number"] if row else 1
    luck = mix(key_of(market.seed, "small amounts"), number)
    link_id = make_id(market, "bank-links", number)
    market.state.insert(
        "bank_link",
        number=number, id=link_id, account_id=account_id, name=bank.name, owner_name=bank.owner_name,
        routing_number=bank.routing_number, account_number=bank.account_number, bank_account_type=bank.kind,
        approval_method=bank.approval_method, status=status, amount_1=(1 + luck % 98) * CENT,
        amount_2=(1 + (luck >> 32) % 98) * CENT, create_ms=market.now_ms(),
    )  # fmt: skip
    _keep_a_default(market, account_id)
    return _row(market, link_id)


def rename_link(market: Market, account_id: int, link_id: str, name: str) -> sqlite3.Row:
    """Raises LinkRefused."""
    link = _living(market, account_id, link_id)
    market.state.db.execute("UPDATE bank_link SET name = ? WHERE id = ?", (name, link["id"]))
    return _row(market, link["id"])


def approve_link(market: Market, account_id: int, link_id: str, amounts: Sequence[Decimal]) -> sqlite3.Row:
    """Confirm the two small amounts, in any order. After three wrong tries the link is dead. Raises LinkRefused."""
    link = _living(market, account_id, link_id)
    if link["status"] != "Pending":
        raise LinkRefused("The link does not wait for amounts.")
    if sorted(amounts) != sorted((link["amount_1"], link["amount_2"])):
        tries = link["tries"] + 1
        status = "Error" if tries >= MOST_TRIES else "Pending"
        market.state.db.execute("UPDATE bank_link SET tries = ?, status = ? WHERE id = ?", (tries, status, link["id"]))
        raise LinkRefused("The amounts are others.")
    return decide_link(market, link["id"], "Approved")


def decide_link(market: Market, link_id: str, status: str) -> sqlite3.Row:
    """Set the status, as the bank or a person behind the scenes would."""
    market.state.db.execute("UPDATE bank_link SET status = ? WHERE id = ?", (status, link_id))
    link = _row(market, link_id)
    _keep_a_default(market, link["account_id"])
    return _row(market, link_id)


def cancel_link(market: Market, account_id: int, link_id: str, reason: str) -> sqlite3.Row:
    """Raises LinkRefused."""
    link = _living(market, account_id, link_id)
    market.state.db.execute(
        "UPDATE bank_link SET status = 'Canceled', cancel_reason = ?, cancel_ms = ? WHERE id = ?",
        (reason, market.now_ms(), link["id"]),
    )
    _keep_a_default(market, account_id)
    return _row(market, link["id"])


def choose_default(market: Market, account_id: int, link_id: str) -> None:
    """Raises LinkRefused."""
    link = _living(market, account_id, link_id)
    if link["status"] != "Approved":
        raise LinkRefused("Only an approved link can be the default.")
    market.state.db.execute(
        "UPDATE bank_link SET is_default = (id = ?) WHERE account_id = ?", (link["id"], account_id)
    )


def _keep_a_default(market: Market, account_id: int) -> None:
    """The first approved link is the default until another one is chosen."""
    market.state.db.execute(
        "UPDATE bank_link SET is_default = 0 WHERE account_id = ? AND status <> 'Approved'", (account_id,)
    )
    if default_link(market, account_id) is None:
        market.state.db.execute(
            "UPDATE bank_link SET is_default = 1 WHERE number ="
            " (SELECT min(number) FROM bank_link WHERE account_id = ? AND status = 'Approved')",
            (account_id,),
        )


def _living(market: Market, account_id: int, link_id: str) -> sqlite3.Row:
    link = find_link(market, account_id, link_id)
    if link is None or link["status"] not in LIVING:
        raise LinkRefused("There is no such link.")
    return link


def _row(market: Market, link_id: str) -> sqlite3.Row:
    row = market.state.row("SELECT * FROM bank_link WHERE id = ?", link_id)
    assert row is not None  # noqa: S101 - it has just been written
    return row
