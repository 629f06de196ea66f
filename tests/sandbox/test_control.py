"""The control plane and the console."""

import re
import sqlite3
import time
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.sandbox.actors import HARBOR, PASSWORD, Box, Browser, Client, log_in
from tests.sandbox.conftest import MONDAY_10_AM


class TestClock:
    def test_it_stands_still_until_it_is_told_to_move(self, box: Box):
        assert box.control("GET", "clock")["now"] == "2026-11-23T15:00:00.000Z"
        box.advance(90)
        assert box.control("GET", "clock")["now"] == "2026-11-23T15:01:30.000Z"

    def test_it_can_stand_still_from_the_start(self):
        with Box("--clock", "2026-11-23T15:00:00Z") as box:
            for _ in range(2):
                clock = box.control("GET", "clock")
                assert (clock["now"], clock["mode"]) == ("2026-11-23T15:00:00.000Z", "frozen")
                box.advance(60)
                box.control("POST", "reset", {})

    def test_it_runs_as_fast_as_it_is_told(self, box: Box):
        started = time.monotonic()
        box.control("POST", "clock", {"mode": "running", "speed": 1_000})
        while box.control("GET", "clock")["now"] < "2026-11-23T15:00:01":
            pass
        later = box.control("POST", "clock", {"mode": "frozen"})
        passed = datetime.fromisoformat(later["now"]) - datetime.fromisoformat(MONDAY_10_AM)
        assert passed.total_seconds() <= 1_000 * (time.monotonic() - started) + 1
        assert box.control("GET", "clock")["now"] == later["now"]

    @pytest.mark.parametrize(
        "change", [{"mode": "asleep"}, {"advance": -1}, {"set": "soon"}, {"market": "flea"}, {"sped": 2}, {"speed": 0}]
    )
    def test_nonsense_is_refused_and_changes_nothing(self, box: Box, change: dict[str, Any]):
        before = box.control("GET", "clock")
        assert box.control("POST", "clock", change, status=400)["error"]
        assert box.control("GET", "clock") == before


class TestPrices:
    def test_a_pinned_price_keeps_its_usual_spread_and_stands(self, box: Box):
        box.pin("AAPL", "180.00")
        box.advance(3600)
        assert box.price("AAPL") == {"bid": Decimal("179.99"), "ask": Decimal("180.01"), "last": Decimal("180.00")}

    def test_bid_and_ask_can_be_given(self, box: Box):
        box.control("POST", "prices", {"AAPL": {"last": "180.00", "bid": "179.00", "ask": "181.00"}})
        assert box.price("AAPL")["ask"] == 181

    def test_a_moved_price_walks_on_from_there(self, box: Box):
        box.pin("TSLA", "100.00", hold=False)
        assert box.price("TSLA")["last"] == 100
        box.advance(3600)
        assert box.price("TSLA")["last"] != 100
        assert abs(box.price("TSLA")["last"] - 100) < 15

    def test_a_released_price_is_where_it_would_have_been(self, box: Box):
        before = box.control("GET", "prices")["AAPL"]
        box.pin("AAPL", "1.00")
        box.control("POST", "prices", {"AAPL": None})
        assert box.control("GET", "prices")["AAPL"] == before

    @pytest.mark.parametrize(
        "change",
        [{"NOPE": {"last": "1"}}, {"KO": {"last": "1.005"}}, {"KO": {"last": "-1"}}, {"KO": {}}, {"KO": {"lst": "1"}},
         {"KO": {"last": "x"}}, {"KO": {"bid": "2", "ask": "1"}}, {"KO": {"last": "5"}, "NOPE": None}],
    )  # fmt: skip
    def test_nonsense_is_refused_and_changes_nothing(self, box: Box, change: dict[str, Any]):
        before = box.control("GET", "prices")
        assert box.control("POST", "prices", change, status=400)["error"]
        assert box.control("GET", "prices") == before


class TestUsers:
    def test_a_new_one_can_sign_in_and_trade(self, box: Box):
        made = box.control(
            "POST",
            "users",
            {
                "email": "new@demo.test",
                "accounts": [{"cash": "1000.50", "margin_type": "Cash", "positions": {"KO": {"quantity": 7}}}],
                "agreements": ["PlatformAgreement"],
            },
        )
        client = log_in(box, "new@demo.test", account=made["accounts"][0]["id"])
        assert client.balances()["cash"] == Decimal("1000.50")
        assert client.position("KO")["Quantity"] == 7
        assert made["outstanding_agreements"] == ["PlatformAgreement"]

    def test_a_known_one_can_be_changed(self, box: Box, investor: Client):
        box.control("POST", "users", {"email": "investor@demo.test", "accounts": [{"id": 6413, "cash": "5"}]})
        investor.account = 6413
        assert investor.balances()["cash"] == 5

    @pytest.mark.parametrize(
        "change",
        [{}, {"email": 5}, {"accounts": 5}, {"accounts": [{"id": "x"}]}, {"accounts": [{"cash": "much"}]},
         {"accounts": [{"positions": {"NOPE": {"quantity": 1}}}]}, {"agreements": ["Nope"]}, {"e_mail": "x"}],
    )  # fmt: skip
    def test_nonsense_is_refused_and_changes_nothing(self, box: Box, change: dict[str, Any]):
        before = (box.control("GET", "users"), box.ledger())
        body = {"email": "new@demo.test"} | change if change else {}
        assert box.control("POST", "users", body, status=400)["error"]
        assert (box.control("GET", "users"), box.ledger()) == before

    def test_they_are_listed_without_passwords(self, box: Box):
        users = box.control("GET", "users")
        assert [user["email"] for user in users][:3] == [
            "investor@demo.test",
            "newcomer@demo.test",
            "trader@demo.test",
        ]
        assert PASSWORD not in str(users)


class TestRequests:
    def test_the_log_tells_who_asked_for_what_without_secrets(self, box: Box, visitor: Browser):
        box.control("DELETE", "requests")
        token = visitor.tokens()["access_token"]
        Client(box, token).orders(filter="Status in (0)")
        log = box.control("GET", "requests")
        last = log[-1]
        assert (last["method"], last["path"], last["status"]) == ("GET", "/api/v1.0/accounts/6412/orders", 200)
        assert (last["app"], last["user"]) == (HARBOR.client_id, 7311)
        assert "filter" in last["query"]
        for secret in (token, HARBOR.key, HARBOR.client_secret, visitor.verifier, PASSWORD, "the-state"):
            assert secret not in str(log)

    def test_it_leaves_out_the_control_plane(self, box: Box):
        box.control("DELETE", "requests")
        box.control("GET", "clock")
        assert box.control("GET", "requests") == []


class TestTokensAndApps:
    def test_everything_of_everybody_can_be_revoked(self, box: Box, investor: Client, trader: Client):
        box.control("POST", "tokens", {"revoke": "all"})
        assert {client.send("GET", "/users/@me/info").status_code for client in (investor, trader)} == {401}

    def test_or_of_one(self, box: Box, investor: Client, trader: Client):
        box.control("POST", "tokens", {"revoke": "access", "email": "trader@demo.test"})
        assert investor.get("/users/@me/info")
        assert trader.send("GET", "/users/@me/info").status_code == 401

    def test_secrets_are_not_shown(self, box: Box):
        assert "secret" not in str(box.control("GET", "apps"))

    @pytest.mark.parametrize(
        "body", [{}, {"expire": "everything"}, {"revoke": "x"}, {"expire": "code", "revoke": "all"}]
    )
    def test_nonsense_is_refused(self, box: Box, body: dict[str, str]):
        assert box.control("POST", "tokens", body, status=400)["error"]


class TestWhoMaySteer:
    def test_a_page_of_another_site_may_not(self, box: Box):
        for origin in ("http://evil.test", "http://localhost:8000", "null"):
            answer = requests.post(f"{box.url}/_control/reset", headers={"Origin": origin}, timeout=5)
            assert answer.status_code == 403

    def test_a_foreign_name_for_this_machine_does_not_help(self, box: Box):
        answer = requests.get(f"{box.url}/_control/ledger", headers={"Host": "evil.test"}, timeout=5)
        assert answer.status_code == 403


class TestConsole:
    def page(self, box: Box) -> requests.Response:
        return requests.get(f"{box.url}/", timeout=5)

    def test_it_shows_accounts_orders_and_prices(self, box: Box, investor: Client):
        investor.place("KO", "Buy", 3, "50.00")
        text = self.page(box).text
        for shown in ("investor@demo.test", "48,250.40", "Buy 3 KO", "PendingNew", "NVIDIA Corporation"):
            assert shown in text

    def test_it_moves_a_price_by_a_plain_form(self, box: Box):
        form = {"symbol": "KO", "last": "77.00", "action": "hold"}
        answer = requests.post(f"{box.url}/console/prices", data=form, timeout=5)
        assert answer.status_code == 200
        assert box.price("KO")["last"] == 77
        requests.post(f"{box.url}/console/prices", data={"symbol": "KO", "action": "release"}, timeout=5)
        assert box.control("GET", "prices")["KO"]["state"] == "walking"

    def test_it_says_what_is_wrong(self, box: Box):
        form = {"symbol": "KO", "last": "cheap", "action": "hold", "back": "/console/prices"}
        answer = requests.post(f"{box.url}/console/prices", data=form, timeout=5)
        assert answer.status_code == 400
        assert "cheap is not a price" in answer.text

    def test_it_moves_the_clock(self, box: Box):
        requests.post(f"{box.url}/console/clock", data={"advance": "60", "mode": "", "market": ""}, timeout=5)
        assert box.control("GET", "clock")["now"] == "2026-11-23T15:01:00.000Z"

    def test_it_runs_without_a_line_of_inline_script_or_style(self, box: Box):
        page = self.page(box)
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert re.findall(r"<script[^>]*>[^<]*", page.text) == ['<script type="module" src="/static/console.js">']
        assert not re.search(r"\sstyle=|\son\w+=", page.text)
        sheet = requests.get(f"{box.url}/static/sandbox.css", timeout=5)
        assert sheet.headers["Content-Type"].startswith("text/css")

    def test_a_name_with_markup_in_it_stays_text(self, box: Box):
        box.control("POST", "users", {"email": "<b>x</b>@demo.test", "accounts": [{"alias": "<i>y</i>"}]})
        assert "<b>x</b>" not in self.page(box).text
        assert "<i>y</i>" not in self.page(box).text


class TestRestart:
    def test_everything_is_still_there(self, tmp_path: Path):
        state = str(tmp_path / "sandbox.sqlite3")
        with Box("--state", state, "--seed", "5", "--market-hours", "around-the-clock") as first:
            first.control("POST", "clock", {"mode": "frozen", "set": "2026-11-21T15:00:00Z"})
            visitor = Browser(first)
            tokens = visitor.tokens()
            client = Client(first, tokens["access_token"])
            filled, working = client.place("KO", "Buy", 5), client.place("F", "Buy", 10, "5.00", ClientId="mine")
            first.advance(10)
            first.pin("AAPL", "123.00")
            before = self.everything(first, client)
            assert first.stop() == 0

        with Box("--state", state) as second:
            client.box = visitor.box = second
            assert self.everything(second, client) == before
            assert [client.order(order)["Status"] for order in (filled, working)] == ["Filled", "New"]
            assert visitor.authorize(prompt="none").headers["Location"].startswith(HARBOR.callback)
            assert visitor.refresh(tokens["refresh_token"]).status_code == 200
            second.pin("F", "4.00")
            assert client.order(working)["Status"] == "Filled"

    def everything(self, box: Box, client: Client) -> list[Any]:
        keys = requests.get(f"{box.url}/.well-known/jwks.json", timeout=5).json()
        seen = [box.control("GET", name) for name in ("prices", "clock", "users", "agreements", "apps")]
        return [*seen, box.ledger(), client.balances(), keys]

    def test_a_state_of_another_version_is_moved_aside(self, tmp_path: Path):
        state = tmp_path / "sandbox.sqlite3"
        with closing(sqlite3.connect(state)) as old:
            old.executescript("CREATE TABLE precious (x); INSERT INTO precious VALUES (1); PRAGMA user_version = 1;")
        with (tmp_path / "errors").open("w+") as errors:
            with Box("--state", str(state), errors=errors) as box:
                assert box.ledger()["accounts"]
            with Box("--state", str(state), errors=errors):
                pass
            errors.seek(0)
            (line,) = errors.read().splitlines()
            assert "sandbox.sqlite3.old" in line
        with closing(sqlite3.connect(tmp_path / "sandbox.sqlite3.old")) as old:
            assert old.execute("SELECT x FROM precious").fetchall() == [(1,)]


class TestDeterminism:
    def journey(self, box: Box, seed: int | None = None) -> Any:
        if seed is not None:
            box.control("POST", "reset", {"seed": seed, "clock": {"mode": "frozen", "set": "2026-11-23T15:00:00Z"}})
        client = log_in(box, "investor@demo.test")
        answers: list[Any] = []
        for symbol, quantity, price in (("AAPL", 20, None), ("F", 2500, "13.00"), ("NVDA", 30, "150.00")):
            answers.append(client.place(symbol, "Buy", quantity, price))
            box.advance(7)
        box.advance(3600)
        return [*answers, box.ledger(), client.balances(), client.orders()["Result"]]

    def test_the_same_seed_and_calls_give_the_same_answers(self, box: Box):
        assert self.journey(box, 3) == self.journey(box, 3)

    def test_it_is_so_byte_for_byte_in_every_process(self):
        """The order of Python's sets of strings differs between processes; no answer may hang on it."""
        seen = []
        for number in ("1", "2"):
            options = ("--seed", "3", "--clock", "2026-11-23T15:00:00Z")
            with Box(*options, environment={"PYTHONHASHSEED": number}) as box:
                seen.append(self.bytes_of(box))
        assert seen[0] == seen[1]

    def bytes_of(self, box: Box) -> dict[str, bytes]:
        """Answers to many questions after a day of trading, without the port in their links."""
        self.journey(box)
        client, port = log_in(box, "investor@demo.test"), urlsplit(box.url).port
        contracts = client.get("/options/optionChain/F", filter="Range = 2")["Expirations"][0]["Options"]
        symbols = ", ".join(f"'{contract['Symbol']}'" for contract in reversed(contracts))
        bank = {"Accounts": ["one"], "BankName": "First Bank", "PublicToken": "token"}
        (link,) = client.send("POST", "/accounts/6412/ach-relationships/plaid", json=bank).json()
        deposit = {"AchRelationshipId": link["Id"], "IsIncoming": True, "Amount": 250}
        client.send("POST", "/accounts/6412/transfers/ach", json=deposit)
        pages, sorted_pages = {"pageNumber": 0, "pageSize": 3}, {"pageNumber": 0, "pageSize": 9, "desc": "false"}
        settings = {
            "StartDate": 0, "EndDate": 0, "CandlesCount": 30, "Period": "1m", "Interval": -1,
            "IncludeNonMarketData": False,
        }  # fmt: skip
        chart = {
            "Security": {"Symbol": "AAPL"}, "SecurityHistorySettings": settings, "IndicatorsHistorySettings": [],
        }  # fmt: skip
        calls: list[tuple[str, str, dict[str, Any]]] = [
            ("GET", "/accounts/6412/orders", {"params": pages}),
            ("GET", "/accounts/6412/info", {}),
            ("GET", "/accounts/6412/positions", {"params": sorted_pages | {"sortField": "Symbol"}}),
            ("GET", "/accounts/6412/transactions", {"params": pages | {"sortBy": "Id", "isDesc": "true"}}),
            ("GET", "/accounts/6412/transfers", {"params": pages | {"sortBy": "Id", "isDesc": "false"}}),
            ("GET", "/accounts/6412/ach-relationships", {"params": pages | {"sortBy": "Id", "isDesc": "false"}}),
            ("PUT", "/history/symbols", {"json": chart}),
            ("GET", "/news", {"params": {"symbol": "AAPL"}}),
            ("GET", "/equities/lookup", {"params": {"mask": "A", "count": 50}}),
        ]
        for filter in (
            f"Symbol in ({symbols})",
            "UnderlyingAssetSymbol in ('KO', 'F', 'AAPL', 'MSFT')",
        ):
            calls.append(("GET", "/options", {"params": sorted_pages | {"sortField": "", "filter": filter}}))
        seen = {}
        for method, path, more in calls:
            answer = client.send(method, path, **more)
            assert answer.status_code == 200, (path, answer.text)
            seen[f"{method} {path} {more}"] = answer.content.replace(f":{port}/".encode(), b":PORT/")
        return seen

    def test_another_seed_gives_others(self, box: Box):
        assert self.journey(box, 3) != self.journey(box, 4)
