"""Who acts in these tests: the sandbox as a process, a browser, an application, a client of the interface."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, urlsplit

import requests

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "open-the-market"
TIMEOUT = 10


class Box:
    """A running sandbox and its control plane. What it logs goes to `errors`, if given; `environment` is added to the
    one of the tests."""

    def __init__(
        self, *arguments: str, errors: IO[str] | None = None, environment: dict[str, str] | None = None
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--port", "0", *arguments],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ | (environment or {}),
        )  # fmt: skip
        self.errors = errors
        assert self.process.stdout is not None
        greeting = self.process.stdout.readline()
        assert greeting.startswith("sandbox ready on http://localhost:"), greeting
        self.url = greeting.split()[-1].replace("localhost", "127.0.0.1")
        self.issuer = greeting.split()[-1] + "/"
        self.http = requests.Session()

    def stop(self) -> int:
        """End the process; its exit status. Again is fine."""
        self.process.terminate()
        return self.process.wait(30)  # a second or two; a busy machine takes its time

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def control(self, method: str, name: str, body: Any = None, *, status: int = 200, **params: Any) -> Any:
        answer = self.http.request(method, f"{self.url}/_control/{name}", json=body, params=params, timeout=TIMEOUT)
        assert answer.status_code == status, answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance": seconds})

    def pin(self, symbol: str, last: str, **more: Any) -> None:
        self.control("POST", "prices", {symbol: {"last": last, **more}})

    def price(self, symbol: str) -> dict[str, Decimal]:
        quote = self.control("GET", "prices")[symbol]
        return {name: Decimal(quote[name]) for name in ("bid", "ask", "last")}

    def ledger(self, **params: Any) -> Any:
        return self.control("GET", "ledger", **params)

    def fault(self, **rule: Any) -> None:
        self.control("POST", "faults", rule)

    def settings(self, **values: Any) -> None:
        self.control("POST", "faults", {"settings": values})


@dataclass(frozen=True)
class App:
    """An application registered with the sandbox."""

    slug: str
    host: str

    @property
    def client_id(self) -> str:
        return f"demo-{self.slug}-client"

    @property
    def client_secret(self) -> str:
        return f"demo-{self.slug}-client-secret"

    @property
    def key(self) -> str:
        return f"demo-{self.slug}-app-key-secret"

    @property
    def callback(self) -> str:
        return f"http://{self.host}:8000/accounts/autoshares/login/callback/"

    @property
    def signed_out(self) -> str:
        return f"http://{self.host}:8000/signed-out/"


HARBOR, NORTHWIND = App("harbor", "localhost"), App("northwind", "northwind.localhost")


@dataclass
class Browser:
    """A browser at the identity provider: it fills in forms and stops where the application would take over."""

    box: Box
    app: App = HARBOR
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    jar: requests.Session = field(default_factory=requests.Session)

    def authorize(self, **changes: str | None) -> requests.Response:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        params = {
            "response_type": "code", "client_id": self.app.client_id, "redirect_uri": self.app.callback,
            "scope": "openid profile email offline_access", "state": "the-state", "nonce": "the-nonce",
            "code_challenge": challenge, "code_challenge_method": "S256",
        } | changes  # fmt: skip
        return self.get("/authorize", {name: value for name, value in params.items() if value is not None})

    def get(self, path: str, params: dict[str, str] | None = None) -> requests.Response:
        return self._follow(self.jar.get(self.box.url + path, params=params, allow_redirects=False, timeout=TIMEOUT))

    def submit(self, page: requests.Response, **fields: str) -> requests.Response:
        """Send the form of a page with its hidden fields."""
        action = re.search(r'action="([^"]+)"', page.text)
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', page.text))
        assert action
        return self._follow(
            self.jar.post(self.box.url + action[1], data=hidden | fields, allow_redirects=False, timeout=TIMEOUT)
        )

    def _follow(self, answer: requests.Response) -> requests.Response:
        while answer.is_redirect and answer.headers["Location"].startswith("/"):
            answer = self.jar.get(self.box.url + answer.headers["Location"], allow_redirects=False, timeout=TIMEOUT)
        return answer

    def sign_in(self, email: str = "investor@demo.test", **changes: str | None) -> requests.Response:
        page = self.submit(self.authorize(**changes), email=email, password=PASSWORD)
        return page if page.is_redirect else self.submit(page, decision="allow")

    def exchange(self, code: str, **changes: str | None) -> requests.Response:
        body = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.app.callback,
            "client_id": self.app.client_id, "client_secret": self.app.client_secret, "code_verifier": self.verifier,
        } | changes  # fmt: skip
        return self.post_token({name: value for name, value in body.items() if value is not None})

    def refresh(self, token: str) -> requests.Response:
        return self.post_token(
            {
                "grant_type": "refresh_token", "refresh_token": token, "client_id": self.app.client_id,
                "client_secret": self.app.client_secret,
            }
        )  # fmt: skip

    def post_token(self, body: dict[str, str]) -> requests.Response:
        return requests.post(f"{self.box.url}/oauth/token", data=body, timeout=TIMEOUT)

    def tokens(self, email: str = "investor@demo.test", **changes: str | None) -> dict[str, Any]:
        answer: dict[str, Any] = self.exchange(code_in(self.sign_in(email, **changes))).json()
        return answer


def answer_in(redirect: requests.Response) -> dict[str, str]:
    """What a redirect to the callback carries."""
    assert redirect.is_redirect, redirect.text
    return {name: values[0] for name, values in parse_qs(urlsplit(redirect.headers["Location"]).query).items()}


def code_in(redirect: requests.Response) -> str:
    return answer_in(redirect)["code"]


@dataclass
class Client:
    """A client of the REST interface, signed in."""

    box: Box
    token: str
    key: str = HARBOR.key
    account: int = 6412

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Et-App-Key": self.key, "Authorization": f"Bearer {self.token}"}
        return self.box.http.request(
            method, f"{self.box.url}/api/v1.0{path}", headers=headers, timeout=more.pop("timeout", TIMEOUT), **more
        )

    def get(self, path: str, **params: Any) -> Any:
        answer = self.send("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text, parse_float=Decimal)

    def place(self, symbol: str, side: str, quantity: Any, price: Any = None, **more: Any) -> dict[str, Any]:
        answer = self.send(
            "POST", f"/accounts/{self.account}/orders", json=body(symbol, side, quantity, price, **more)
        )
        assert answer.status_code == 200, answer.text
        placed: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)
        return placed

    def preview(self, symbol: str, side: str, quantity: Any, price: Any = None, **more: Any) -> dict[str, Any]:
        answer = self.send(
            "POST", f"/accounts/{self.account}/preview/orders", json=body(symbol, side, quantity, price, **more)
        )
        assert answer.status_code == 200, answer.text
        verdict: dict[str, Any] = json.loads(answer.text, parse_float=Decimal)
        return verdict

    def order(self, order: dict[str, Any]) -> Any:
        return self.get(f"/accounts/{self.account}/orders/{order['Id']}")

    def orders(self, **params: Any) -> Any:
        return self.get(f"/accounts/{self.account}/orders", **{"pageNumber": 0, "pageSize": 99} | params)

    def cancel(self, order: dict[str, Any]) -> int:
        return self.send("DELETE", f"/accounts/{self.account}/orders/{order['Id']}").status_code

    def balances(self) -> Any:
        return self.get(f"/accounts/{self.account}/info")

    def position(self, symbol: str) -> Any:
        found = self.get(f"/accounts/{self.account}/positions/{symbol}")
        return found[0] if found else None


def body(symbol: str, side: str, quantity: Any, price: Any = None, **more: Any) -> dict[str, Any]:
    order = {"Symbol": symbol, "Side": side, "Quantity": quantity, "Type": "Market", "TimeInforce": "Day"}
    if price is not None:
        order |= {"Type": "Limit", "Price": price}
    return order | more


def log_in(box: Box, email: str, *, account: int = 6412, app: App = HARBOR) -> Client:
    headers = {"Et-App-Key": app.key, "Username": email, "Password": PASSWORD}
    answer = box.http.post(f"{box.url}/api/token", headers=headers, timeout=TIMEOUT)
    return Client(box, answer.json()["Token"], key=app.key, account=account)
