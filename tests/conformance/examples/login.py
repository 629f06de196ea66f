"""Login, users, settings, agreements."""

from tests.conformance.cast import EMAIL, USER, Cast
from tests.conformance.examples.example import Example, Maker, of_user, plain
from tests.sandbox.actors import PASSWORD


def _token(cast: Cast) -> Example:
    return Example(headers={"Username": EMAIL, "Password": PASSWORD})


def _sign_agreement(cast: Cast) -> Example:
    outstanding = cast.send("GET", f"/users/{USER}/agreements")
    return Example({"userId": USER, "agreementId": outstanding[0]["Id"] if outstanding else 101})


EXAMPLES: dict[str, Maker] = {
    "POST /token": _token,
    "POST /logout": plain(),
    "GET /users/{userId}/info": of_user(),
    "POST /users/info": plain(body={"Email": EMAIL}),
    "GET /users/{userId}/balance-info": of_user(),
    "GET /users/{userId}/settings/trading": of_user(),
    "PUT /users/{userId}/settings/trading": of_user(body={"SkipVerifyOrder": "false", "MaxStocksQuantity": 1000}),
    "PUT /users/{userId}/password/change": of_user(
        body={"OldPassword": PASSWORD, "Password": "Another-1-password", "PasswordConfirm": "Another-1-password"}
    ),
    "POST /users/{userId}/pincode": of_user(),
    "POST /users/{userId}/group": of_user(confirmationToken="token"),
    "PATCH /users/{userId}": of_user(body={"FirstName": "Dana", "Suffix": "NoSuffix"}),
    "GET /users/{userId}/agreements": of_user(),
    "POST /users/{userId}/agreements/{agreementId}/sign": _sign_agreement,
}
