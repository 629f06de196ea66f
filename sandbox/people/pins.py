"""The PIN that may be asked for after the password, with a phrase and an image by which people know the real site."""

from __future__ import annotations

import re
import sqlite3

from sandbox.people.confirmations import SecretRefused, forget, issue_mail_code, redeem
from sandbox.people.mail import send_mail
from sandbox.world import World


def ask_pin_reset(world: World, user: sqlite3.Row) -> None:
    """Mail a code with which another PIN can be chosen; until then the old one holds. Raises SecretRefused."""
    if user["pin"] is None:
        raise SecretRefused("PIN code is not init", "ErrorPinIsNotInit")
    code = issue_mail_code(world, user["id"], "ResetPinCode")
    text = f"Your code to choose a new PIN is {code}. It is good for a day."
    send_mail(world, user["email"], "ResetPinCode", subject="Choose a new PIN", text=text)


def choose_pin(world: World, token: str, pin: str, *, image: str | None, phrase: str | None) -> None:
    """Raises SecretRefused; the token is good again then."""
    if not re.fullmatch(r"[0-9]{4,8}", pin):
        raise SecretRefused("PIN has to have 4 to 8 digits.", "ErrorPinRefused")
    with world.state.transaction() as db:
        user = redeem(world, token, "ResetPinCode")
        if user is None:
            raise SecretRefused("The token is incorrect.", "ErrorIncorrectToken")
        db.execute(
            "UPDATE user SET pin = ?, pin_image = coalesce(?, pin_image),"
            " personal_phrase = coalesce(?, personal_phrase) WHERE id = ?",
            (pin, image, phrase, user["id"]),
        )
        forget(world, user["id"], "ResetPinCode")
        text = "Your PIN was changed. If this was not you, call us."
        send_mail(world, user["email"], "PinCodeChanged", subject="Your PIN was changed", text=text)
