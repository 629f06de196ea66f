"""client.agreements: what is to be signed before trading. Source: API.md 5.4 and chapter 7.

To be asked for after every login and never cached: versions change, and a new one is outstanding again. The API has no
call for skipping; that is the application's decision, for this session, where `can_skip` allows it.
"""

from .models import Agreement
from .transport import Transport
from .users import ME, UserId


class Agreements:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def outstanding(self, user_id: UserId = ME) -> list[Agreement]:
        """What a user has not signed; empty means free to trade. GET /users/{user_id}/agreements"""
        return self._transport.read_all("/users/{user_id}/agreements", Agreement.from_wire, user_id=user_id)

    def sign(self, agreement_id: int) -> None:
        """Sign for the signed-in user. POST /users/{user_id}/agreements/{agreement_id}/sign -> 200, no body.

        Sent once. After Unavailable ask for what is outstanding; to sign twice does no harm. Raises Invalid for an
        unknown id.
        """
        endpoint = "/users/{user_id}/agreements/{agreement_id}/sign"
        self._transport.write("POST", endpoint, user_id=ME, agreement_id=agreement_id)
