"""Login, users, settings, agreements."""

import re

from tests.conformance.cast import EMAIL, USER, Cast
from tests.conformance.examples.example import Example, Maker, of_user, plain
from tests.sandbox.actors import PASSWORD


def _token(cast: Cast) -> Example:
    return Example(headers={"Username": EMAIL, "Password": PASSWORD})


def _sign_agreement(cast: Cast) -> Example:
    outstanding = cast.send("GET", f"/users/{USER}/agreements")
    return Example({"userId": USER, "agreementId": outstanding[0]["Id"] if outstanding else 101})


def _reset_pin(cast: Cast) -> Example:
    cast.box.control("POST", "users", {"email": EMAIL, "pin": "4711"})
    return Example({"userId": USER})


def _join_group(cast: Cast) -> Example:
    mails = cast.box.control("POST", "mail", {"email": EMAIL, "purpose": "AddUserToProGroup"})
    token = re.search(r"token is (\S+)\.", mails[0]["text"])
    return Example({"userId": USER}, {"confirmationToken": token[1] if token else ""})


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
    "POST /users/{userId}/pincode": _reset_pin,
    "POST /users/{userId}/group": _join_group,
    "PATCH /users/{userId}": of_user(body={"FirstName": "Dana", "Suffix": "NoSuffix"}),
    "GET /users/{userId}/agreements": of_user(),
    "POST /users/{userId}/agreements/{agreementId}/sign": _sign_agreement,
}
