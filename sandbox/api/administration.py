"""What administrators do to accounts and users; nobody else may (API fact sheet A.9, known from prose only)."""

from __future__ import annotations

import secrets
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import AfterValidator, Field

from sandbox.api.access import AccountHere, AdministratorHere, UserHere
from sandbox.api.accounts import drawn_account
from sandbox.api.answers import answer
from sandbox.api.bodies import LARGEST, Amount, Resource, read_body
from sandbox.api.errors import ApiError, model_invalid, unexpected
from sandbox.api.numbers import Int32
from sandbox.api.shapes import users as shapes
from sandbox.api.users import Name, PatchUser, changed_columns
from sandbox.clock import iso
from sandbox.dependencies import WorldHere
from sandbox.exchange.balances import post_cash, worth
from sandbox.exchange.money import CENT, ZERO, cents
from sandbox.people.confirmations import issue_mail_code
from sandbox.people.mail import send_mail
from sandbox.people.profile import change_profile
from sandbox.seed import add_user, open_account
from sandbox.world import World

router = APIRouter(prefix="/v1.0")

MarginType = Literal["Cash", "Margin", "DayTrader", "MarginIra"]
OwnerType = Literal["IndividualCustomer", "Joint", "IRA", "IRA_Traditional", "IRA_Roth", "CorporateAccount"]
Status = Literal["UnSpecified", "New", "SentToClearing", "Approved", "Rejected"]
Cash = Annotated[Amount, AfterValidator(cents), Field(ge=0)]


# Accounts


class NewAccount(Resource):
    """`user_id`: whose it is; without one the administrator binds it later."""

    margin_type: MarginType | None = None
    owner_type: OwnerType = "IndividualCustomer"
    option_level: Annotated[int, Field(ge=0, le=10)] = 0
    cash: Cash = ZERO
    user_id: Int32 | None = None


class ChangedAccount(Resource):
    margin_type: MarginType | None = None
    owner_type: OwnerType | None = None
    option_level: Annotated[int, Field(ge=0, le=10)] | None = None
    status: Status | None = None
    enabled: bool | None = None


@router.post("/accounts")
async def new_account(request: Request, world: WorldHere, administrator: AdministratorHere) -> Response:
    asked = await read_body(request, NewAccount, param="account")
    if asked.margin_type is None:
        raise unexpected()
    if asked.user_id is not None and world.state.row("SELECT 1 FROM user WHERE id = ?", asked.user_id) is None:
        raise model_invalid("UserId", param="account")
    account_id = open_account(
        world.market, asked.user_id, margin_type=asked.margin_type, owner_type=asked.owner_type,
        option_level=asked.option_level, cash=asked.cash,
    )  # fmt: skip
    return answer(_drawn(world, account_id), status=201)


def _drawn(world: World, account_id: int) -> dict[str, Any]:
    account = world.state.row("SELECT * FROM account WHERE id = ?", account_id)
    assert account is not None  # noqa: S101 - the caller has just read or made it
    return drawn_account(world, account)


@router.put("/accounts/{account_id}")
async def change_account(
    request: Request, world: WorldHere, administrator: AdministratorHere, account: AccountHere
) -> Response:
    """What is left out stays."""
    asked = await read_body(request, ChangedAccount, param="account")
    for name, value in asked.model_dump(exclude_none=True).items():
        world.state.db.execute(f"UPDATE account SET {name} = ? WHERE id = ?", (value, account["id"]))  # noqa: S608
    return answer(_drawn(world, account["id"]))


def _read_cash(name: str, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise model_invalid(name, param="query") from None
    if not (value.is_finite() and CENT <= value <= LARGEST):
        raise model_invalid(name, param="query")
    return cents(value)


def _book(world: World, account_id: int, amount: Decimal, description: str) -> Response:
    now = world.market.now_ms()
    post_cash(world.market, account_id, at_ms=now, kind="Payment", amount=amount, order_id=None, note=description)
    return answer({"Amount": amount, "CreateDate": iso(now), "Description": description})


@router.post("/accounts/{account_id}/deposit")
async def deposit(
    world: WorldHere, administrator: AdministratorHere, account: AccountHere, depositValue: str
) -> Response:
    """An amount in USD; paper accounts are topped up like this."""
    return _book(world, account["id"], _read_cash("depositValue", depositValue), "Deposit by an administrator")


@router.post("/accounts/{account_id}/withdrawal")
async def withdraw(
    world: WorldHere, administrator: AdministratorHere, account: AccountHere, withdrawalValue: str
) -> Response:
    """An amount in USD, at most what the account has free."""
    amount = _read_cash("withdrawalValue", withdrawalValue)
    if amount > worth(world.market, account, world.market.now_ms()).withdrawable:
        raise ApiError(409)
    return _book(world, account["id"], -amount, "Withdrawal by an administrator")


# Users


class NewUser(Resource):
    first_name: Name
    last_name: Name
    email_address: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    login: Annotated[str, Field(pattern=r"^\S{3,64}$")]


class ChangedUser(PatchUser):
    enabled: bool | None = None
    phone_number: str | None = None


@router.post("/users")
async def new_user(
    request: Request, world: WorldHere, administrator: AdministratorHere, sendInvitationEmail: bool = False
) -> Response:
    """A user with a password that nobody knows; the mail has a code with which another is chosen."""
    asked = await read_body(request, NewUser, param="user")
    if world.state.row("SELECT 1 FROM user WHERE email = ? OR login = ?", asked.email_address, asked.login):
        raise ApiError(409)
    with world.state.transaction():
        user_id = add_user(
            world.state, asked.email_address, login=asked.login, first_name=asked.first_name,
            last_name=asked.last_name, password=secrets.token_urlsafe(24), at_ms=world.market.now_ms(),
        )  # fmt: skip
        if sendInvitationEmail:
            text = f"Your code to choose a password is {issue_mail_code(world, user_id, 'ResetPassword')}."
            send_mail(world, asked.email_address, "InvitationEmail", subject="You are invited", text=text)
    user = world.state.row("SELECT * FROM user WHERE id = ?", user_id)
    assert user is not None  # noqa: S101 - inserted just now
    return answer(shapes.user_model(user))


@router.get("/users/{user_id}")
async def one_user(administrator: AdministratorHere, user: UserHere) -> Response:
    return answer(shapes.user_model(user))


@router.put("/users/{user_id}")
async def change_user(
    request: Request, world: WorldHere, administrator: AdministratorHere, user: UserHere
) -> Response:
    """What is left out stays."""
    asked = await read_body(request, ChangedUser, param="user")
    columns = changed_columns(asked)
    if asked.enabled is not None:
        columns["enabled"] = asked.enabled
    if asked.phone_number is not None:
        columns["phone"] = asked.phone_number
    return answer(shapes.user_model(change_profile(world, user, columns)))
