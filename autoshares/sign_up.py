"""The sign-up route of the registration gateway: a host of its own, for development. Source: API.md 8.5.

Two calls that are not one: the trading user first, the clearing account second. Keep what the first one achieved, and
make the second one again if it failed. Everything in them is personal; nothing of it is logged.
"""

from collections.abc import Mapping
from typing import Any

import requests

from .answers import Answer, Call
from .connections import BearerAuth, shared_session
from .transport import Timeouts, exchange
from .wire import encode_json, given

ENDPOINT = "/v1/userregistrationroute/"


class SignUpRoute:
    """`base_url` is the gateway's; `subscription_key` its key, where it wants one. Calls are sent once."""

    def __init__(
        self,
        *,
        base_url: str,
        subscription_key: str = "",
        connect_timeout: float = 3.05,
        read_timeout: float = 30.0,
        session: requests.Session | None = None,
    ) -> None:
        self._url = base_url.rstrip("/") + ENDPOINT
        self._headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if subscription_key:
            self._headers["Ocp-Apim-Subscription-Key"] = subscription_key
        self._timeouts = Timeouts(connect_timeout, read_timeout)
        self._session = session or shared_session()

    def create_user(
        self,
        *,
        login: str,
        email: str,
        password: str,
        first_name: str,
        last_name: str,
        middle_name: str | None = None,
        suffix: str | None = None,
        broker_username: str | None = None,
    ) -> None:
        """The trading user. Raises as any call does: Conflict, Invalid, Unavailable if nobody knows."""
        content = {
            "credentials": {"login": login, "email": email, "password": password},
            "name": given(
                {"firstName": first_name, "lastName": last_name, "middleName": middle_name, "suffix": suffix}
            ),
            "brokerUsername": broker_username,
        }
        self._send("ETNA", given(content))

    def open_clearing_account(self, application: Mapping[str, Any]) -> None:
        """The account at the clearing firm; keys as the route has them (API.md 8.5): corr, office, acct_name, …"""
        self._send("RQD", application)

    def _send(self, route: str, content: Mapping[str, Any]) -> Answer:
        return exchange(
            Call("POST", ENDPOINT),
            self._url,
            session=self._session,
            timeouts=self._timeouts,
            auth=BearerAuth(""),
            headers=self._headers,
            data=encode_json({"route": route, "content": content}).encode(),
        )
