"""Passwords: changed by those who know the old one, reset by those who read their mail."""

from __future__ import annotations

import sqlite3

from sandbox.people.confirmations import SecretRefused, forget, issue_mail_code, issue_token, redeem
from sandbox.people.mail import send_mail
from sandbox.world import World

SHORTEST, LONGEST = 8, 128
QUESTIONS = {
    1: "What was the name of your first school?",
    2: "In which city did your parents meet?",
    3: "What was your first pet called?",
    4: "Which street did you grow up in?",
}


def _refusal(text: str) -> SecretRefused:
    return SecretRefused(text, "ErrorPasswordRefused")


def check_new_password(password: str, *, login: str, email: str) -> None:
    """Raises SecretRefused unless the password is good enough."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _refusal(f"Password has to have {SHORTEST} to {LONGEST} characters.")
    if password.lower() in (login.lower(), email.lower()):
        raise _refusal("Password has to differ from the user name and the e-mail address.")


def change_password(world: World, user: sqlite3.Row, *, old: str, new: str, again: str) -> None:
    """For somebody who is signed in; afterwards nobody is. Raises SecretRefused."""
    if old != user["password"]:
        raise _refusal("Old password is incorrect.")
    _replace_password(world, user, new=new, again=again)


def _replace_password(world: World, user: sqlite3.Row, *, new: str, again: str) -> None:
    if new != again:
        raise _refusal("Password and its confirmation do not match.")
    if new == user["password"]:
        raise _refusal("Password has been used before.")
    check_new_password(new, login=user["login"], email=user["email"])
    with world.state.transaction() as db:
        db.execute("UPDATE user SET password = ?, password_expired = 0 WHERE id = ?", (new, user["id"]))
        sign_out_everywhere(world, user["id"])
        forget(world, user["id"], "ResetPassword")
        text = "Your password was changed. If this was not you, call us."
        send_mail(world, user["email"], "PasswordChanged", subject="Your password was changed", text=text)


def sign_out_everywhere(world: World, user_id: int) -> None:
    """All tokens are dead, all sessions over, and no half of a sign-in goes on."""
    db = world.state.db
    db.execute("UPDATE token SET revoked = 1 WHERE user_id = ?", (user_id,))
    db.execute("DELETE FROM session WHERE user_id = ?", (user_id,))
    db.execute("DELETE FROM login_ticket WHERE user_id = ?", (user_id,))


# Reset


def find_by_name(world: World, name: str) -> sqlite3.Row:
    """By e-mail address or login name. Raises SecretRefused."""
    user = world.state.row("SELECT * FROM user WHERE (email = ? OR login = ?) AND enabled", name, name)
    if user is None:
        raise SecretRefused("User is not found.", "ErrorUserNotFound")
    return user


def ask_reset(world: World, name: str, answer: str | None) -> None:
    """Mail a code. Those who have a secret question have to answer it. Raises SecretRefused."""
    user = find_by_name(world, name)
    if user["answer"] is not None and (answer or "").strip().lower() != user["answer"].strip().lower():
        raise SecretRefused("The answer is incorrect.", "ErrorIncorrectAnswer")
    code = issue_mail_code(world, user["id"], "ResetPassword")
    text = f"Your code to choose a new password is {code}. It is good for a day."
    send_mail(world, user["email"], "ResetPassword", subject="Choose a new password", text=text)


def trade_code(world: World, code: str) -> str:
    """The token for a code from a mail. Raises SecretRefused."""
    user = redeem(world, code.strip().upper(), "ResetPassword")
    if user is None:
        raise SecretRefused("The code is incorrect.", "ErrorIncorrectCode")
    return issue_token(world, user["id"], "ResetPassword")


def finish_reset(world: World, *, token: str, new: str, again: str) -> None:
    """Raises SecretRefused; the token is good again then."""
    with world.state.transaction():
        user = redeem(world, token, "ResetPassword")
        if user is None:
            raise SecretRefused("The token is incorrect.", "ErrorIncorrectToken")
        _replace_password(world, user, new=new, again=again)
