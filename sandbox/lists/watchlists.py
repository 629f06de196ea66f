"""Watchlists: those that people keep, and the vendor's own, which are worked out from the day's gains and losses.

Source: API fact sheet 5.8. A name is taken once per user, whatever its case.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.market import Market
from sandbox.exchange.securities import SECURITIES, Security, find_by_id

LONGEST_NAME = 100
MOST_SECURITIES = 500
SYSTEM_LIST_LENGTH = 10
SYSTEM_LISTS_SINCE_MS = 1_546_387_200_000  # 2019-01-02, as the listings


class WatchlistRefused(Exception):
    """No such list, a name that is taken or unfit, or a security that cannot be added or taken away."""


@dataclass(frozen=True, slots=True)
class Watchlist:
    """`source` is the builder's name of a system list, None for a list of the user's own."""

    id: int
    name: str
    create_ms: int
    modify_ms: int | None
    securities: tuple[Security, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Builder:
    """What a system list is made of: the shares of one listing that gained, or lost, the most today."""

    id: int
    name: str
    source: str
    mic: str
    gains: bool

    def build(self, market: Market) -> Watchlist:
        now = market.now_ms()
        changes = [
            (_change_today(market, security, now), security)
            for security in SECURITIES.values()
            if security.mic == self.mic and security.type == "CommonStock"
        ]
        moved = [(change, security) for change, security in changes if change and (change > 0) == self.gains]
        moved.sort(key=lambda pair: (-abs(pair[0]), pair[1].symbol))
        top = tuple(security for _, security in moved[:SYSTEM_LIST_LENGTH])
        return Watchlist(self.id, self.name, SYSTEM_LISTS_SINCE_MS, now, top, self.source)


def _change_today(market: Market, security: Security, at_ms: int) -> Decimal:
    """The change since the previous close, as a part of it."""
    last = market.tape.quote(security.symbol, at_ms).last
    previous = market.tape.previous_close(security.symbol, at_ms)
    return last / previous - 1


BUILDERS = {
    builder.id: builder
    for builder in (
        Builder(1, "* Top 10 Gain NYSE", "GainLossBuilderTop10NYSEGain", "XNYS", gains=True),
        Builder(2, "* Top 10 Loss NYSE", "GainLossBuilderTop10NYSELoss", "XNYS", gains=False),
        Builder(3, "* Top 10 Gain NASDAQ", "GainLossBuilderTop10NSDQGain", "XNAS", gains=True),
        Builder(4, "* Top 10 Loss NASDAQ", "GainLossBuilderTop10NSDQLoss", "XNAS", gains=False),
    )
}


def watchlists_of(market: Market, user_id: int) -> list[Watchlist]:
    """The user's own in order of their ids, then the system's."""
    rows = market.state.rows("SELECT * FROM watchlist WHERE user_id = ? ORDER BY id", user_id)
    return [*(_read(market, row) for row in rows), *(builder.build(market) for builder in BUILDERS.values())]


def find_watchlist(market: Market, user_id: int, watchlist_id: int) -> Watchlist:
    """Raises WatchlistRefused for one that is not there or belongs to somebody else."""
    builder = BUILDERS.get(watchlist_id)
    return builder.build(market) if builder else _read(market, _own(market, user_id, watchlist_id))


def create_watchlist(market: Market, user_id: int, name: str, security_ids: list[int]) -> Watchlist:
    """Raises WatchlistRefused."""
    name = _free_name(market, user_id, name)
    if len(set(security_ids)) < len(security_ids):
        raise WatchlistRefused("A security is named twice.")
    with market.state.transaction():
        created = market.state.insert("watchlist", user_id=user_id, name=name, create_ms=market.now_ms())
        for security_id in security_ids:
            _put_in(market, created, security_id)
    return find_watchlist(market, user_id, created)


def delete_watchlist(market: Market, user_id: int, watchlist_id: int) -> None:
    """Raises WatchlistRefused."""
    _own(market, user_id, watchlist_id)
    market.state.db.execute("DELETE FROM watchlist WHERE id = ?", (watchlist_id,))


def rename_watchlist(market: Market, user_id: int, watchlist_id: int, name: str) -> str:
    """The name as it is now. Raises WatchlistRefused."""
    _own(market, user_id, watchlist_id)
    name = _free_name(market, user_id, name, but_for=watchlist_id)
    market.state.db.execute(
        "UPDATE watchlist SET name = ?, modify_ms = ? WHERE id = ?", (name, market.now_ms(), watchlist_id)
    )
    return name


def add_security(market: Market, user_id: int, watchlist_id: int, security_id: int) -> Watchlist:
    """Put a security at the end of a list. Raises WatchlistRefused."""
    _own(market, user_id, watchlist_id)
    with market.state.transaction():
        _put_in(market, watchlist_id, security_id)
        _touch(market, watchlist_id)
    return find_watchlist(market, user_id, watchlist_id)


def remove_security(market: Market, user_id: int, watchlist_id: int, security_id: int) -> Watchlist:
    """Raises WatchlistRefused."""
    _own(market, user_id, watchlist_id)
    with market.state.transaction():
        removed = market.state.db.execute(
            "DELETE FROM watchlist_security WHERE watchlist_id = ? AND security_id = ?", (watchlist_id, security_id)
        )
        if not removed.rowcount:
            raise WatchlistRefused("The security is not in the list.")
        _touch(market, watchlist_id)
    return find_watchlist(market, user_id, watchlist_id)


def _own(market: Market, user_id: int, watchlist_id: int) -> sqlite3.Row:
    """The row of a list that the user may change."""
    row = market.state.row("SELECT * FROM watchlist WHERE id = ? AND user_id = ?", watchlist_id, user_id)
    if row is None:
        raise WatchlistRefused(
            "A system list cannot be changed." if watchlist_id in BUILDERS else "There is no such watchlist."
        )
    return row


def _read(market: Market, row: sqlite3.Row) -> Watchlist:
    members = market.state.rows(
        "SELECT security_id FROM watchlist_security WHERE watchlist_id = ? ORDER BY id", row["id"]
    )
    securities = tuple(security for member in members if (security := find_by_id(member["security_id"])))
    return Watchlist(row["id"], row["name"], row["create_ms"], row["modify_ms"], securities)


def _free_name(market: Market, user_id: int, name: str, *, but_for: int | None = None) -> str:
    """The name without blanks around it, if the user has no other list of that name."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise WatchlistRefused(f"A name has 1 to {LONGEST_NAME} printable characters.")
    rows = market.state.rows("SELECT name FROM watchlist WHERE user_id = ? AND id IS NOT ?", user_id, but_for)
    taken = {row["name"].casefold() for row in rows} | {builder.name.casefold() for builder in BUILDERS.values()}
    if name.casefold() in taken:
        raise WatchlistRefused("Another watchlist has that name.")
    return name


def _put_in(market: Market, watchlist_id: int, security_id: int) -> None:
    if find_by_id(security_id) is None:
        raise WatchlistRefused("There is no such security.")
    members = market.state.rows("SELECT security_id FROM watchlist_security WHERE watchlist_id = ?", watchlist_id)
    if any(member["security_id"] == security_id for member in members):
        raise WatchlistRefused("The security is in the list already.")
    if len(members) >= MOST_SECURITIES:
        raise WatchlistRefused(f"A list holds {MOST_SECURITIES} securities at most.")
    market.state.insert("watchlist_security", watchlist_id=watchlist_id, security_id=security_id)


def _touch(market: Market, watchlist_id: int) -> None:
    market.state.db.execute("UPDATE watchlist SET modify_ms = ? WHERE id = ?", (market.now_ms(), watchlist_id))
