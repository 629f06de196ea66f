"""Passwords and PINs: changed when signed in, reset by a code from a mail (API fact sheet A.2, A.3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.access import OneselfHere, UserHere
from sandbox.api.answers import answer
from sandbox.api.bodies import Resource, read_body
from sandbox.api.errors import ApiError, model_invalid, wrapped
from sandbox.dependencies import WorldHere
from sandbox.people.confirmations import SecretRefused
from sandbox.people.passwords import (
    QUESTIONS,
    ask_reset,
    change_password,
    find_by_name,
    finish_reset,
    trade_code,
)
from sandbox.people.pins import ask_pin_reset, choose_pin

router = APIRouter(prefix="/v1.0")


@contextmanager
def _refusing() -> Iterator[None]:
    """What is refused inside is answered with E10."""
    try:
        yield
    except SecretRefused as refused:
        raise ApiError(400, {"Errors": [refused.text], "ErrorsCode": [refused.code], "IsSucceed": False}) from None


class ChangeUserPassword(Resource):
    old_password: str = ""
    password: str = ""
    password_confirm: str = ""


@router.put("/users/{user_id}/password/change")
async def change(request: Request, world: WorldHere, user: OneselfHere) -> Response:
    """Only for oneself, not even by an administrator."""
    asked = await read_body(request, ChangeUserPassword, param="userPassword")
    for field, value in (
        ("OldPassword", asked.old_password),
        ("Password", asked.password),
        ("PasswordConfirm", asked.password_confirm),
    ):
        if not value:
            raise model_invalid(field, "Password is required", param="userPassword")
    try:
        change_password(world, user, old=asked.old_password, new=asked.password, again=asked.password_confirm)
    except SecretRefused as refused:
        raise wrapped(400, refused.text) from None
    return Response(status_code=200)


class RequestChangePassword(Resource):
    user: str = ""
    secret_question_answer: str | None = None


@router.post("/users/password/reset")
async def reset(request: Request, world: WorldHere) -> Response:
    asked = await read_body(request, RequestChangePassword, param="resource")
    with _refusing():
        ask_reset(world, asked.user, asked.secret_question_answer)
    # The vendor's sample of a success says false here: what counts is that there are no errors.
    return answer({"Errors": [], "IsSucceed": False})


@router.get("/users/password/secret-question")
async def secret_question(world: WorldHere, username: str) -> Response:
    with _refusing():
        user = find_by_name(world, username)
    return answer({"Model": QUESTIONS.get(user["question_id"]), "Errors": [], "IsSucceed": True})


class AcceptPasswordCode(Resource):
    code: str = ""


@router.post("/users/password/reset/code")
async def accept_code(request: Request, world: WorldHere) -> Response:
    asked = await read_body(request, AcceptPasswordCode, param="resource")
    with _refusing():
        token = trade_code(world, asked.code)
    return answer({"Model": token, "Errors": [], "IsSucceed": True})


class ChangePassword(Resource):
    token: str = ""
    password: str = ""
    password_confirmation: str = ""


@router.put("/users/passwords/reset")
@router.put("/users/passwords/reset/")
async def choose_password(request: Request, world: WorldHere) -> Response:
    """With the token for a code, or with the ConfirmationToken of a sign-in whose password has expired (C10)."""
    asked = await read_body(request, ChangePassword, param="resource")
    with _refusing():
        finish_reset(world, token=asked.token, new=asked.password, again=asked.password_confirmation)
    return answer({"Errors": [], "IsSucceed": True})


@router.post("/users/{user_id}/pincode")
async def reset_pin(world: WorldHere, user: UserHere) -> Response:
    try:
        ask_pin_reset(world, user)
    except SecretRefused as refused:
        raise ApiError(409, [refused.text]) from None
    return Response(status_code=200)


class ChangePin(Resource):
    token: str = ""
    pin: str = ""
    image_name: str | None = None
    personal_phrase: str | None = None


@router.put("/users/pincode/change")
async def change_pin(request: Request, world: WorldHere) -> Response:
    """With the ConfirmationToken of a sign-in that asked for a PIN, or with the code from a mail."""
    asked = await read_body(request, ChangePin, param="resource")
    with _refusing():
        choose_pin(world, asked.token, asked.pin, image=asked.image_name, phrase=asked.personal_phrase)
    return answer({"Errors": [], "IsSucceed": True})
