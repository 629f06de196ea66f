"""client.registration and client.account_requests: becoming a user, opening an account. Source: API.md 8.1 to 8.3.

Routes of the vendor's prose, not of its specification. Both sends happen once.
"""

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
