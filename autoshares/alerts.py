"""client.alerts: tell me when a price is reached. Source: API.md 5.9. Changes are sent once."""

from collections.abc import Iterator

from .models import Alert, AlertDraft
from .paging import STYLE_B
from .transport import Transport
from .users import ME, UserId

ALERTS = "/users/{user_id}/pricealerts"
ALERT = "/users/{user_id}/pricealerts/{alert_id}"


class Alerts:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, user_id: UserId = ME) -> Iterator[Alert]:
        """Every alert, oldest first, over all pages. GET /users/{user_id}/pricealerts"""
        return self._transport.read_pages(ALERTS, Alert.from_wire, STYLE_B, sort="Id", user_id=user_id)

    def get(self, alert_id: int, *, user_id: UserId = ME) -> Alert:
        """GET /users/{user_id}/pricealerts/{alert_id}"""
        return self._transport.read(ALERT, Alert.from_wire, user_id=user_id, alert_id=alert_id)

    def create(self, draft: AlertDraft, *, user_id: UserId = ME) -> Alert:
        """POST /users/{user_id}/pricealerts. Raises Conflict or Invalid."""
        return self._transport.write_row("POST", ALERTS, Alert.from_wire, body=draft.to_wire(), user_id=user_id)

    def update(self, alert_id: int, draft: AlertDraft, *, user_id: UserId = ME) -> Alert:
        """Replace all of it. PUT /users/{user_id}/pricealerts/{alert_id}. Raises Conflict or Invalid."""
        return self._transport.write_row(
            "PUT", ALERT, Alert.from_wire, body=draft.to_wire(), user_id=user_id, alert_id=alert_id
        )

    def delete(self, alert_id: int, *, user_id: UserId = ME) -> None:
        """DELETE /users/{user_id}/pricealerts/{alert_id} -> 204. Raises Conflict."""
        self._transport.write("DELETE", ALERT, user_id=user_id, alert_id=alert_id)
