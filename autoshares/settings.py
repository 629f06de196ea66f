"""client.settings: how a user's ticket looks. Source: API.md 5.2."""

from .models import TradingSettings
from .transport import Transport
from .users import ME, UserId

TRADING = "/users/{user_id}/settings/trading"


class Settings:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def trading(self, user_id: UserId = ME) -> TradingSettings:
        """GET /users/{user_id}/settings/trading. Raises Invalid for an unknown user."""
        return self._transport.read(TRADING, TradingSettings.from_wire, user_id=user_id)

    def save_trading(self, settings: TradingSettings, *, user_id: UserId = ME) -> TradingSettings:
        """Replace all of them. PUT /users/{user_id}/settings/trading, sent once."""
        return self._transport.write_row(
            "PUT", TRADING, TradingSettings.from_wire, body=settings.to_wire(), user_id=user_id
        )
