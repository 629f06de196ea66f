"""client.watchlists: lists of securities. Source: API.md 5.8.

An unknown list, a name that exists and a list of the vendor's own raise Conflict. Changes are sent once; each answers
with the list as it is now.
"""

from collections.abc import Collection, Sequence
from typing import Any

from .models import Watchlist
from .transport import Transport
from .users import ME, UserId

LISTS = "/users/{user_id}/watchlists"
ONE = "/users/{user_id}/watchlists/{watchlist_id}"
BY_SYMBOL = ONE + "/securities"
BY_ID = ONE + "/securities/{security_id}"


class Watchlists:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, with_securities: bool = True, user_id: UserId = ME) -> Sequence[Watchlist]:
        """One's own and the vendor's. GET /users/{user_id}/watchlists"""
        query = {"includeSecurities": with_securities}
        return self._transport.read_all(LISTS, Watchlist.from_wire, query=query, user_id=user_id)

    def get(self, watchlist_id: int, *, with_securities: bool = True, user_id: UserId = ME) -> Watchlist:
        """GET /users/{user_id}/watchlists/{watchlist_id}"""
        query = {"includeSecurities": with_securities}
        return self._transport.read(ONE, Watchlist.from_wire, query=query, user_id=user_id, watchlist_id=watchlist_id)

    def create(self, name: str, security_ids: Collection[int] = (), *, user_id: UserId = ME) -> Watchlist:
        """POST /users/{user_id}/watchlists"""
        return self._transport.write_row(
            "POST",
            LISTS,
            Watchlist.from_wire,
            query={"resultIncludeSecurities": True},
            body={"Name": name, "Securities": [*security_ids]},
            user_id=user_id,
        )

    def rename(self, watchlist_id: int, name: str, *, user_id: UserId = ME) -> str:
        """The name that it has now. PUT /users/{user_id}/watchlists/{watchlist_id}/name, answered by position."""
        answer = self._transport.write(
            "PUT", ONE + "/name", query={"name": name}, user_id=user_id, watchlist_id=watchlist_id
        )
        pair = answer.json()
        return str(pair.get("m_Item2") or name) if isinstance(pair, dict) else name

    def delete(self, watchlist_id: int, *, user_id: UserId = ME) -> None:
        """DELETE /users/{user_id}/watchlists/{watchlist_id} -> 204"""
        self._transport.write("DELETE", ONE, user_id=user_id, watchlist_id=watchlist_id)

    def add(self, watchlist_id: int, security_id: int, *, user_id: UserId = ME) -> Watchlist:
        """PUT /users/{user_id}/watchlists/{watchlist_id}/securities/{security_id}"""
        return self._change("PUT", BY_ID, user_id=user_id, watchlist_id=watchlist_id, security_id=security_id)

    def remove(self, watchlist_id: int, security_id: int, *, user_id: UserId = ME) -> Watchlist:
        """DELETE /users/{user_id}/watchlists/{watchlist_id}/securities/{security_id}"""
        return self._change("DELETE", BY_ID, user_id=user_id, watchlist_id=watchlist_id, security_id=security_id)

    def add_symbol(self, watchlist_id: int, symbol: str, *, user_id: UserId = ME) -> Watchlist:
        """PUT /users/{user_id}/watchlists/{watchlist_id}/securities"""
        body = {"Symbol": symbol}
        return self._change("PUT", BY_SYMBOL, body=body, user_id=user_id, watchlist_id=watchlist_id)

    def remove_symbol(self, watchlist_id: int, symbol: str, *, user_id: UserId = ME) -> Watchlist:
        """DELETE /users/{user_id}/watchlists/{watchlist_id}/securities with a body, which proxies may drop.

        Prefer `remove`.
        """
        body = {"Symbol": symbol}
        return self._change("DELETE", BY_SYMBOL, body=body, user_id=user_id, watchlist_id=watchlist_id)

    def _change(self, method: str, endpoint: str, *, body: dict[str, str] | None = None, **ids: Any) -> Watchlist:
        return self._transport.write_row(method, endpoint, Watchlist.from_wire, body=body, **ids)
