"""Requests to open an account: at once on paper; with a clearing firm by way of an administrator and the firm.

    New → Submitted → Approved → ApprovedByClearing          Canceled: by the user, until somebody has decided
                    ↘ Rejected ↘ RejectedByClearing

The words of the states follow the vendor's types of mail (API fact sheet 8.3, E:SubscriptionType).
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import NAMESPACE_URL, uuid5

from sandbox.exchange.money import ZERO
from sandbox.people.mail import send_mail
from sandbox.seed import open_account
from sandbox.world import World

PAPER = "PaperTrading"
PROVIDERS = (
    "None", PAPER, "Apex", "Apex1", "Apex2", "FcStone", "Axos", "Velox", "Siebert", "InteliClear", "EtnaClearing",
    "Fidelity", "TradeUp",
)  # fmt: skip
FORM_TYPES = ("None", "JotForm", "Direct", "FcStone", "FidelityWindow", "FidelityForm")
MARGIN_TYPES = ("Cash", "Margin", "DayTrader")
MOST_CASH = Decimal(1_000_000_000)

# What can be done with a request: in which states, and which one it leads to.
STEPS = {
    "submit": (("New",), "Submitted"),
    "cancel": (("New", "Submitted"), "Canceled"),
    "approve": (("Submitted",), "Approved"),
    "reject": (("Submitted",), "Rejected"),
    "approve by clearing": (("Approved",), "ApprovedByClearing"),
    "reject by clearing": (("Approved",), "RejectedByClearing"),
}
MAILS = {
    "Submitted": ("SubmittedAccountRequest", "We have your request for an account"),
    "Rejected": ("RejectedAccountRequest", "Your request for an account was declined"),
    "ApprovedByClearing": ("SubmittedAccountRequestApprovedByClearing", "Your account is open"),
    "RejectedByClearing": ("SubmittedAccountRequestRejectedByClearing", "Your account could not be opened"),
}


class FormDataInvalid(Exception):
    """The form's data cannot be understood."""


class StepNotPossible(Exception):
    """Not in this state of the request, or not any more."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the account should be: the first deposit in USD, on paper only."""

    margin_type: str
    cash: Decimal

    @classmethod
    def read(cls, form_data: str | None, *, default_cash: Decimal) -> Wish:
        """From the JSON of a form, {"marginType", "cash"}; a reference to a form elsewhere says nothing here. Raises
        FormDataInvalid."""
        try:
            raw = json.loads(form_data or "{}", parse_float=Decimal)
        except (ValueError, RecursionError):
            raw = {}
        if not isinstance(raw, dict):
            raw = {}
        margin_type = raw.get("marginType", "Margin")
        try:
            cash = Decimal(str(raw.get("cash", default_cash)))
        except InvalidOperation:
            raise FormDataInvalid from None
        if margin_type not in MARGIN_TYPES or not cash.is_finite() or not 0 <= cash <= MOST_CASH:
            raise FormDataInvalid
        return cls(margin_type, cash.quantize(Decimal("0.01")))


@dataclass(frozen=True, slots=True)
class Opening:
    """What a user asks for."""

    provider: str
    form_type: str
    provider_name: str | None = None
    form_data: str | None = None


def ask_for_account(world: World, user: sqlite3.Row, opening: Opening) -> sqlite3.Row:
    """Take a request; on paper the account is there at once. The request as it came in. Raises FormDataInvalid."""
    wish = _wish(world, opening.form_data)
    with world.state.transaction():
        latest = world.state.row("SELECT coalesce(max(number), 0) AS number FROM account_request")
        number = (latest["number"] if latest else 0) + 1
        request_id = str(uuid5(NAMESPACE_URL, f"autoshares-sandbox/{world.market.seed}/account-requests/{number}"))
        world.state.insert(
            "account_request",
            id=request_id, number=number, user_id=user["id"], status="New", provider=opening.provider,
            provider_name=opening.provider_name, form_type=opening.form_type, form_data=opening.form_data,
            created_ms=world.market.now_ms(),
        )  # fmt: skip
        _log(world, request_id, "New", made_by=user["login"])
        asked = find_request(world, request_id)
        assert asked is not None  # noqa: S101 - inserted just now
        if opening.provider == PAPER:
            account_id = open_account(
                world.market, user["id"], margin_type=wish.margin_type, cash=wish.cash, clearing_firm=PAPER
            )
            _attach(world, request_id, account_id)
            _turn(world, request_id, "ApprovedByClearing", made_by=PAPER)
    return asked


def _wish(world: World, form_data: str | None) -> Wish:
    return Wish.read(form_data, default_cash=Decimal(world.market.settings.paper_cash))


def find_request(world: World, request_id: str) -> sqlite3.Row | None:
    """With the e-mail address and name of the user."""
    return world.state.row(
        "SELECT account_request.*, email, login, first_name, last_name FROM account_request"
        " JOIN user ON user.id = user_id WHERE account_request.id = ?",
        request_id.lower(),
    )


def take_step(
    world: World, request: sqlite3.Row, step: str, *, made_by: str, comment: str | None = None, at_once: bool = False
) -> None:
    """One of STEPS. `at_once`: after an approval the clearing firm approves, too. Raises StepNotPossible."""
    allowed, status = STEPS[step]
    if request["status"] not in allowed:
        raise StepNotPossible(request["status"])
    with world.state.transaction() as db:
        _turn(world, request["id"], status, made_by=made_by, comment=comment)
        if status == "Approved":
            wish = _wish(world, request["form_data"])
            account_id = open_account(
                world.market, request["user_id"], margin_type=wish.margin_type, cash=ZERO,
                clearing_firm=request["provider"],
            )  # fmt: skip
            db.execute("UPDATE account SET status = 'SentToClearing' WHERE id = ?", (account_id,))
            _attach(world, request["id"], account_id)
        if status.endswith("ByClearing"):
            decided = "Approved" if status == "ApprovedByClearing" else "Rejected"
            db.execute("UPDATE account SET status = ? WHERE id = ?", (decided, request["account_id"]))
        if status in MAILS:
            _tell(world, request, status, comment)
        if status == "Approved" and at_once:
            approved = find_request(world, request["id"])
            assert approved is not None  # noqa: S101 - it has just been approved
            take_step(world, approved, "approve by clearing", made_by=request["provider"])


def change_form(world: World, request: sqlite3.Row, form_data: str) -> None:
    """What is submitted replaces what was said at first. Raises FormDataInvalid."""
    _wish(world, form_data)
    world.state.db.execute("UPDATE account_request SET form_data = ? WHERE id = ?", (form_data, request["id"]))


def _attach(world: World, request_id: str, account_id: int) -> None:
    world.state.db.execute("UPDATE account_request SET account_id = ? WHERE id = ?", (account_id, request_id))


def _turn(world: World, request_id: str, status: str, *, made_by: str, comment: str | None = None) -> None:
    world.state.db.execute(
        "UPDATE account_request SET status = ?, comment = coalesce(?, comment) WHERE id = ?",
        (status, comment, request_id),
    )
    _log(world, request_id, status, made_by=made_by, comment=comment)


def _log(world: World, request_id: str, status: str, *, made_by: str, comment: str | None = None) -> None:
    world.state.insert(
        "account_request_version",
        request_id=request_id, status=status, comment=comment, made_by=made_by, at_ms=world.market.now_ms(),
    )  # fmt: skip


def _tell(world: World, request: sqlite3.Row, status: str, comment: str | None) -> None:
    kind, subject = MAILS[status]
    text = f"{subject}: {request['provider']}.{f' {comment}' if comment else ''}"
    send_mail(world, request["email"], kind, subject=subject, text=text)
