"""Accounts, who may use them, balances and positions."""

from tests.conformance.cast import ACCOUNT, OTHER_USER, SECOND_ACCOUNT, Cast
from tests.conformance.examples.example import Example, Maker, after_some_trading, of_account, of_user, plain

HALF_A_YEAR = {"startDate": "2026-06-01T00:00:00Z", "endDate": "2026-11-20T00:00:00Z"}
BOTH = {"AccountIds": [ACCOUNT, SECOND_ACCOUNT], "PageNumber": 0, "PageSize": 20, "SortField": "Id", "Desc": True}

ADMINISTRATOR = "admin@demo.test"
ROBIN = {"accountId": ACCOUNT, "userId": OTHER_USER}


def _bind(cast: Cast) -> Example:
    """Only administrators bind (C37)."""
    cast.sign_in(ADMINISTRATOR)
    return Example(ROBIN, {"accessType": "ReadOnly"})


def _bind_by_name(cast: Cast) -> Example:
    cast.sign_in(ADMINISTRATOR)
    return Example({"accountId": ACCOUNT, "username": "robin.vale"}, {"accessType": "ReadOnly"})


def _unbind(cast: Cast) -> Example:
    cast.sign_in(ADMINISTRATOR)
    cast.send("PUT", f"/accounts/{ACCOUNT}/users/{OTHER_USER}", accessType="Full")
    return Example(ROBIN)


EXAMPLES: dict[str, Maker] = {
    "GET /accounts/{accountId}": of_account(),
    "GET /users/{userId}/accounts": of_user(),
    "GET /accounts/{accountId}/info": of_account(),
    "GET /accounts/{accountId}/users": of_account(),
    "GET /accounts/{accountId}/details": of_account(),
    "GET /accounts/{accountId}/history": after_some_trading(of_account(**HALF_A_YEAR, step=1440)),
    "GET /accounts/all": plain(pageNumber=0, pageSize=20, propertyName="Id", isAscending="true"),
    "PUT /accounts/{accountId}/select": of_account(),
    "PUT /accounts/{accountId}/alias/{alias}": of_account(path={"alias": "Savings"}),
    "DELETE /accounts/{accountId}/alias": of_account(),
    "PUT /accounts/{accountId}/users/{userId}": _bind,
    "DELETE /accounts/{accountId}/users/{userId}": _unbind,
    "PUT /accounts/{accountId}/username/{username}": _bind_by_name,
    "POST /accounts/balance/consolidated": plain(body=[ACCOUNT, SECOND_ACCOUNT]),
    "POST /accounts/history": plain(body=[ACCOUNT, SECOND_ACCOUNT], **HALF_A_YEAR),
    "GET /accounts/{accountId}/positions": after_some_trading(
        of_account(pageNumber=0, pageSize=20, sortField="Symbol", desc="false")
    ),
    "GET /accounts/{accountId}/positions/groups": of_account(),
    "GET /accounts/{accountId}/positions/top": of_account(count=5),
    "GET /accounts/{accountId}/positions/{symbol}": of_account(path={"symbol": "AAPL"}),
    "POST /positions/consolidated": after_some_trading(plain(body=BOTH | {"SortField": "Symbol"})),
}
