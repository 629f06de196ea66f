"""Finding securities of all kinds: stocks, funds, and the options on them."""

from __future__ import annotations

from sandbox.exchange.listing import SECURITIES, SECURITIES_BY_ID, Security
from sandbox.exchange.options import FIRST_OPTION_ID, contract_by_id, find_contract

__all__ = ["SECURITIES", "SECURITIES_BY_ID", "Security", "find_by_id", "find_security", "lookup", "security_of"]


def find_security(symbol: str | None) -> Security | None:
    """The security of a ticker or of an OSI option symbol, in any case, padded or not."""
    wanted = (symbol or "").strip().upper()
    return SECURITIES.get(wanted) or find_contract(wanted)


def find_by_id(id: int) -> Security | None:
    return contract_by_id(id) if id >= FIRST_OPTION_ID else SECURITIES_BY_ID.get(id)


def security_of(symbol: str) -> Security:
    """The security of a symbol that is known to be one. Raises KeyError."""
    security = find_security(symbol)
    if security is None:
        raise KeyError(symbol)
    return security


def lookup(mask: str, *, count: int) -> list[Security]:
    """Securities whose symbol, listing or name contains `mask`: symbols that start with it first, then the rest."""
    wanted = mask.strip().upper()
    if not wanted:
        return []

    def rank(security: Security) -> int | None:
        if security.symbol == wanted:
            return 0
        if security.symbol.startswith(wanted):
            return 1
        if security.name.upper().startswith(wanted):
            return 2
        return 3 if wanted in f"{security.symbol} {security.name.upper()} {security.mic}" else None

    found = [(place, security) for security in SECURITIES.values() if (place := rank(security)) is not None]
    found.sort(key=lambda pair: (pair[0], pair[1].symbol))
    return [security for _, security in found[:count]]
