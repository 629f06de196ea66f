"""client.registration and client.account_requests: becoming a user, opening an account. Source: API.md 8.1 to 8.3.

Routes of the vendor's prose, not of its specification. Every send happens once. Of account requests the prose has only
`open`; the other routes are those of the sandbox, built like the vendor's account transfers (API.md A.4).
"""

from collections.abc import Sequence

from .enums import AccountProvider, FormType
from .models import AccountRequest, FormUnit, User
from .models import Registration as NewUser
from .transport import Transport
from .users import ME, UserId
from .wire import given


class Registration:
    """Nobody is signed in yet, so the app key goes alone."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport.bearing("")

    def schema(self) -> list[FormUnit]:
        """What the form has to ask for. GET /registration/schema"""
        return self._transport.read_all("/registration/schema", FormUnit.from_wire)

    def register(self, new_user: NewUser, *, origin: str) -> User:
        """POST /registration/. `origin` is the broker's host as registered with AutoShares: https://invest.example

        Raises Conflict with the reasons as `message`. After Unavailable the user may exist: try to sign in.
        """
        return self._transport.write_row(
            "POST", "/registration/", User.from_wire, body=new_user.to_wire(), headers={"Origin": origin}
        )


class AccountRequests:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def open(
        self,
        provider: AccountProvider = AccountProvider.PAPER_TRADING,
        form_type: FormType = FormType.DIRECT,
        *,
        opening_name: str = "",
        user_id: UserId = ME,
    ) -> AccountRequest:
        """Ask for a trading account. POST /user/{user_id}/account-requests/open, in the singular.

        A paper account is there at once: look at `accounts.of_me`. Any other goes through the broker and the clearing
        firm.
        """
        body = {
            "AccountProvider": provider,
            "FormType": form_type,
            "AccountOpeningProviderName": opening_name or None,
        }
        return self._transport.write_row(
            "POST",
            "/user/{user_id}/account-requests/open",
            AccountRequest.from_wire,
            body=given(body),
            user_id=user_id,
        )

    def list(self, *, user_id: UserId = ME) -> Sequence[AccountRequest]:
        """Every request of the user, oldest first. GET /user/{user_id}/account-requests"""
        return self._transport.read_all("/user/{user_id}/account-requests", AccountRequest.from_wire, user_id=user_id)

    def submit(self, request_id: str, *, form_data: str = "") -> None:
        """Hand the filled form in. PUT /account-requests/{request_id}/submit -> 204

        `form_data` replaces what `FormDataReference` says so far. Raises Conflict when it is too late for that.
        """
        body = given({"FormDataReference": form_data or None})
        self._transport.write("PUT", "/account-requests/{request_id}/submit", body=body, request_id=request_id)

    def cancel(self, request_id: str, *, reason: str = "") -> None:
        """Take it back, until somebody has decided. PUT /account-requests/{request_id}/cancel -> 204

        Raises Conflict when somebody has.
        """
        body = given({"Reason": reason or None})
        self._transport.write("PUT", "/account-requests/{request_id}/cancel", body=body, request_id=request_id)
