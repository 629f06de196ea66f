"""Watchlists, price alerts, new issues."""

from typing import Any

from tests.conformance.cast import USER, Cast
from tests.conformance.examples.example import NO_BODY, Example, Maker, of_account, of_user, plain
from tests.conformance.examples.markets import KO

ALERT = {
    "Operator": "GTEQ", "State": "New", "Field": "Last", "Argument": 90, "SecurityId": KO,
    "ExpirationDate": 1_900_000_000,
}  # fmt: skip


def _of_watchlist(*, body: Any = NO_BODY, more: dict[str, Any] | None = None, **query: Any) -> Maker:
    """Of a new watchlist that holds KO and NVIDIA."""

    def make(cast: Cast) -> Example:
        names = {each["Name"] for each in cast.send("GET", f"/users/{USER}/watchlists", includeSecurities="false")}
        name = next(name for number in range(1000) if (name := f"List {number}") not in names)
        created = cast.send(
            "POST", f"/users/{USER}/watchlists", {"Name": name, "Securities": [KO, 3]}, resultIncludeSecurities="false"
        )
        path = {"userId": USER, "watchlistId": created["Id"], **(more or {})}
        return Example(path, query, body=body)

    return make


def _of_alert(body: Any = NO_BODY) -> Maker:
    def make(cast: Cast) -> Example:
        created = cast.send("POST", f"/users/{USER}/pricealerts", ALERT)
        return Example({"userId": USER, "alertId": created["Id"]}, body=body)

    return make


def _list_of_alerts(cast: Cast) -> Example:
    cast.send("POST", f"/users/{USER}/pricealerts", ALERT)
    return Example({"userId": USER}, {"pageSize": 20, "pageNumber": 0, "sortBy": "Id", "isDesc": "true"})


def _new_watchlist(cast: Cast) -> Example:
    names = len(cast.send("GET", f"/users/{USER}/watchlists", includeSecurities="false"))
    return Example(
        {"userId": USER}, {"resultIncludeSecurities": "true"}, body={"Name": f"New {names}", "Securities": [KO]}
    )


EXAMPLES: dict[str, Maker] = {
    "GET /users/{userId}/watchlists": of_user(includeSecurities="true"),
    "POST /users/{userId}/watchlists": _new_watchlist,
    "GET /users/{userId}/watchlists/{watchlistId}": _of_watchlist(includeSecurities="true"),
    "DELETE /users/{userId}/watchlists/{watchlistId}": _of_watchlist(),
    "PUT /users/{userId}/watchlists/{watchlistId}/name": _of_watchlist(name="Renamed"),
    "PUT /users/{userId}/watchlists/{watchlistId}/securities": _of_watchlist(body={"Symbol": "AAPL"}),
    "DELETE /users/{userId}/watchlists/{watchlistId}/securities": _of_watchlist(body={"Symbol": "KO"}),
    "PUT /users/{userId}/watchlists/{watchlistId}/securities/{securityId}": _of_watchlist(more={"securityId": 1}),
    "DELETE /users/{userId}/watchlists/{watchlistId}/securities/{securityId}": _of_watchlist(more={"securityId": KO}),
    "GET /users/{userId}/pricealerts": _list_of_alerts,
    "POST /users/{userId}/pricealerts": of_user(body=ALERT),
    "GET /users/{userId}/pricealerts/{alertId}": _of_alert(),
    "PUT /users/{userId}/pricealerts/{alertId}": _of_alert(ALERT | {"Argument": 95}),
    "DELETE /users/{userId}/pricealerts/{alertId}": _of_alert(),
    "GET /ipo/industries": plain(),
    "GET /ipo/security-info": plain(),
    "GET /ipo/accounts/{accountId}/offerings/active": of_account(page=0, pageSize=20),
    "POST /ipo/accounts/{accountId}/offerings/{offeringReference}/subscribe": of_account(
        path={"offeringReference": "OFF-1001"}
    ),
    "POST /ipo/accounts/{accountId}/offerings/{offeringReference}/unsubscribe": of_account(
        path={"offeringReference": "OFF-1001"}
    ),
}
