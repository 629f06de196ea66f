"""The streamers: sessions, subscriptions, what is told, and what goes wrong on purpose."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import requests

from tests.sandbox.actors import Box, Client, log_in
from tests.sandbox.stream_clients import Stream

AAPL = 1


def security_id(client: Client, symbol: str) -> int:
    found: int = client.get(f"/equities/{symbol}")["Id"]
    return found


class TestSessions:
    def test_it_names_both_servers_with_a_session_each(self, investor: Client):
        found = investor.get("/streamers")
        quote, data = found["QuoteAddresses"][0], found["DataAddresses"][0]
        assert quote["Url"].startswith("ws://localhost:")
        assert quote["Url"] != data["Url"]
        assert quote["SessionId"] != data["SessionId"]
        assert (quote["Type"], data["Type"]) == ("Delayed", "delayed")
        assert investor.get("/streamers") == found

    @pytest.mark.parametrize("user", [None, "investor@demo.test"])
    def test_it_greets_whoever_brings_the_session(self, investor: Client, user: str | None):
        with Stream(investor, "quote", user=user) as stream:
            assert stream.greeting["Cmd"] == "CreateSession.txt"
            assert stream.greeting["StatusCode"] == "Ok"
            assert stream.greeting["SessionId"]

    def test_it_answers_the_address_without_an_ending_too(self, investor: Client):
        with Stream(investor, "data", path="CreateSession") as stream:
            assert stream.greeting["StatusCode"] == "Ok"

    def test_it_turns_away_a_session_that_is_not_there(self, investor: Client):
        with Stream(investor, "quote", session="made-up") as stream:
            assert stream.greeting == {"Cmd": "CreateSession.txt", "StatusCode": "Error"}
            assert stream.close_code() == 1008

    def test_it_turns_away_a_foreign_session(self, investor: Client, trader: Client):
        stolen = investor.get("/streamers")["QuoteAddresses"][0]["SessionId"]
        with Stream(trader, "quote", session=stolen) as stream:
            assert stream.greeting["StatusCode"] == "Error"

    def test_it_takes_one_connection_per_session(self, investor: Client):
        with Stream(investor, "quote"), Stream(investor, "quote") as second:
            assert second.greeting["StatusCode"] == "Error"
        with Stream(investor, "quote") as third:
            assert third.greeting["StatusCode"] == "Ok"

    def test_it_hangs_up_at_logout(self, box: Box, investor: Client):
        with Stream(investor, "data") as stream:
            headers = {"Et-App-Key": investor.key, "Authorization": f"Bearer {investor.token}"}
            assert box.http.post(f"{box.url}/api/logout", headers=headers).status_code == 200
            assert stream.close_code() == 1008

    def test_it_hangs_up_when_the_token_ends(self, box: Box, investor: Client):
        with Stream(investor, "data") as stream:
            box.control("POST", "tokens", {"expire": "access"})
            assert stream.close_code() == 1008

    def test_a_recovered_session_has_another_id_and_the_same_subscriptions(self, box: Box, investor: Client):
        with Stream(investor, "quote") as stream:
            stream.subscribe("Quote", security_id(investor, "KO"))
            old = stream.session
        renewed = json.loads(investor.send("PUT", "/streamers/session/recover", params={"sessionType": 1}).text)["Id"]
        assert renewed != old
        with Stream(investor, "quote", session=old) as dead:
            assert dead.greeting["StatusCode"] == "Error"
        with Stream(investor, "quote", session=renewed) as again:
            again.until(EntityType="Quote")
            box.pin("KO", "77.00")
            assert again.until(EntityType="Quote", Price="77.00")

    def test_a_session_taken_up_without_recovery_has_no_subscriptions(self, investor: Client):
        with Stream(investor, "quote") as stream:
            stream.subscribe("Quote", AAPL)
        with Stream(investor, "quote") as again:
            assert again.is_quiet()

    def test_recovering_ends_the_connection_that_is_still_open(self, investor: Client):
        with Stream(investor, "data") as stream:
            investor.send("PUT", "/streamers/session/recover", params={"sessionType": 0})
            assert stream.close_code() == 1008

    @pytest.mark.parametrize("kind", ["2", "x", "-1", ""])
    def test_it_refuses_a_kind_of_session_that_is_not_there(self, investor: Client, kind: str):
        answer = investor.send("PUT", "/streamers/session/recover", params={"sessionType": kind})
        assert answer.status_code == 422


class TestHeartbeat:
    def test_it_asks_for_a_sign_of_life(self, box: Box, investor: Client):
        box.settings(stream_ping_seconds=0.1)
        with Stream(investor, "data") as stream:
            assert json.loads(stream.socket.recv(5))["Cmd"] == "Ping"

    def test_it_gives_up_whoever_says_nothing(self, box: Box, investor: Client):
        box.settings(stream_timeout_seconds=0.6)
        with Stream(investor, "data") as stream:
            assert stream.close_code() == 1001

    def test_it_stays_with_whoever_answers(self, box: Box, investor: Client):
        box.settings(stream_ping_seconds=0.1, stream_timeout_seconds=1.2)
        with Stream(investor, "data") as stream:
            for _ in range(4):
                assert json.loads(stream.socket.recv(5))["Cmd"] == "Ping"
                stream.say({"Cmd": "Pong", "StatusCode": "Ok"})
            assert stream.subscribe("Order", 6412)["StatusCode"] == "Ok"


class TestCommands:
    def test_it_acknowledges(self, investor: Client):
        with Stream(investor, "data") as stream:
            assert stream.subscribe("Position", 6412) == {
                "Cmd": "Subscribe.txt", "StatusCode": "Ok", "SessionId": stream.id, "EntityType": "Position",
                "Keys": "6412",
            }  # fmt: skip

    def test_it_takes_the_id_from_streamers_too(self, investor: Client):
        with Stream(investor, "data") as stream:
            assert stream.subscribe("Order", 6412, SessionId=stream.session)["StatusCode"] == "Ok"
            assert stream.subscribe("Order", 6412, SessionId="another")["StatusCode"] == "Error"

    def test_it_takes_the_form_of_the_code_samples(self, investor: Client):
        with Stream(investor, "quote") as stream:
            stream.say({"Subscribe": {"EntityType": "Quote", "Keys": [AAPL]}})
            assert stream.next()["StatusCode"] == "Ok"
            assert stream.next()["Key"] == str(AAPL)

    def test_it_says_which_keys_are_foreign(self, investor: Client):
        with Stream(investor, "data") as stream:
            assert stream.subscribe("Position", 6413, 6420)["Keys"] == "6413"
            assert stream.until(StatusCode="Error")["Keys"] == "6420"

    @pytest.mark.parametrize(
        ("entity", "key"),
        [("Order", 6420), ("Order", "x"), ("UserBalance", 7313), ("Watchlist", 7313), ("WatchlistContent", 99),
         ("PriceAlert", 7313), ("Quote", AAPL), ("Nope", 1), ("Order", ""), ("Order", 10**30)],
    )  # fmt: skip
    def test_it_refuses_what_is_foreign_or_not_there(self, investor: Client, entity: str, key: object):
        with Stream(investor, "data") as stream:
            assert stream.subscribe(entity, key)["StatusCode"] == "Error"

    @pytest.mark.parametrize("text", ["", "[]", "{", '"x"', '{"Cmd": 5}', '{"Subscribe": 5}', "[" * 5000, "\x00"])
    def test_it_survives_nonsense(self, investor: Client, text: str):
        with Stream(investor, "data") as stream:
            stream.socket.send(text)
            assert stream.next()["StatusCode"] == "Error"
            assert stream.subscribe("Order", 6412)["StatusCode"] == "Ok"

    def test_nothing_more_is_told_after_unsubscribing(self, box: Box, investor: Client):
        with Stream(investor, "quote") as stream:
            stream.subscribe("Quote", AAPL)
            stream.next()
            assert stream.subscribe("Quote", AAPL, command="Unsubscribe.txt")["Cmd"] == "Unsubscribe.txt"
            box.pin("AAPL", "200.00")
            assert stream.is_quiet()


class TestQuotes:
    def test_it_tells_the_present_price_then_changes(self, box: Box, investor: Client):
        box.pin("KO", "70.00")
        key = str(security_id(investor, "KO"))
        with Stream(investor, "quote") as stream:
            stream.subscribe("Quote", key)
            first = stream.next()
            assert (first["EntityType"], first["Key"], first["Price"]) == ("Quote", key, "70.00")
            assert first["Date"] == "11/23/2026 15:00:00"
            assert all(isinstance(value, str) for value in first.values())
            box.pin("KO", "71.00")
            assert stream.next()["Price"] == "71.00"

    def test_it_is_quiet_while_nothing_moves(self, investor: Client):
        with Stream(investor, "quote") as stream:
            stream.subscribe("Quote", AAPL)
            stream.next()
            assert stream.is_quiet()

    def test_four_a_second_are_enough(self, box: Box, investor: Client):
        with Stream(investor, "quote") as stream:
            stream.subscribe("Quote", AAPL)
            stream.next()
            for cents in range(20):
                box.pin("AAPL", f"200.{cents:02}")
            told = [stream.until(Price="200.19")]
            assert len(told) == 1
            assert stream.is_quiet()

    def test_candles_run_with_the_price(self, box: Box, investor: Client):
        box.pin("KO", "70.00")
        with Stream(investor, "quote") as stream:
            assert stream.subscribe("Candle", "KO|XNYS|USD:1m")["StatusCode"] == "Ok"
            assert stream.next()["IsCompleted"] == "False"
            box.advance(30)
            box.pin("KO", "79.00")
            assert stream.until(EntityType="Candle", Close="79.00")["IsCompleted"] == "False"


class TestOrders:
    def test_it_tells_the_life_of_an_order(self, box: Box, investor: Client):
        with Stream(investor, "data") as stream:
            stream.subscribe("Order", 6412)
            placed = investor.place("KO", "Buy", 5)
            first = stream.next()
            assert (first["EntityType"], first["Id"]) == ("Order", str(placed["Id"]))
            assert (first["Status"], first["Quantity"], first["ParentId"]) == ("PendingNew", "5.00000", "-1")
            assert first["CreateDate"] == "1795446000000"
            box.advance(10)
            assert [stream.next()["Status"] for _ in range(2)] == ["New", "Filled"]

    def test_it_begins_with_the_orders_that_are_there(self, investor: Client):
        placed = investor.place("KO", "Buy", 5, "1.00")
        with Stream(investor, "data") as stream:
            stream.subscribe("Order", 6412)
            assert stream.next()["Id"] == str(placed["Id"])

    def test_each_step_of_a_long_fill_is_told_as_it_was(self, box: Box, investor: Client):
        with Stream(investor, "data") as stream:
            stream.subscribe("Order", 6412)
            investor.place("F", "Buy", 2000)
            box.advance(60)
            told = []
            while not told or told[-1]["Status"] != "Filled":
                told.append(stream.next())
            filled = [Decimal(each["ExecutedQuantity"]) for each in told]
            assert filled == sorted(filled)
            assert filled[-1] == 2000
            assert told[-2]["Status"] == "PartiallyFilled"

    def test_foreign_orders_are_not_told(self, box: Box, investor: Client, trader: Client):
        with Stream(investor, "data") as stream:
            stream.subscribe("Order", 6412)
            trader.place("KO", "Buy", 1)
            assert stream.is_quiet()


class TestPositionsAndBalances:
    def test_a_fill_changes_position_and_balances(self, box: Box, investor: Client):
        with Stream(investor, "data") as stream:
            for entity, key in (("Position", 6412), ("AccountBalance", 6412), ("UserBalance", 7311)):
                assert stream.subscribe(entity, key)["StatusCode"] == "Ok"
                while stream.is_quiet(0.1) is False:
                    pass
            investor.place("AAPL", "Buy", 5)
            box.advance(10)
            assert stream.until(EntityType="Position", Symbol="AAPL")["Quantity"] == "45.00000"
            balance = stream.until(EntityType="AccountBalance")
            items = {item["Name"]: item["Value"] for item in json.loads(balance["Items"], parse_float=Decimal)}
            assert items["cash"] == investor.balances()["cash"]
            assert (balance["AccountId"], balance["CashBalance"]) == ("6412", "0")
            assert stream.until(EntityType="UserBalance")["Key"] == "7311"

    def test_a_closed_position_has_a_quantity_of_nothing(self, box: Box, investor: Client):
        with Stream(investor, "data") as stream:
            stream.subscribe("Position", 6412)
            investor.place("JPM", "Sell", 20)
            box.advance(10)
            assert stream.until(Symbol="JPM", Quantity="0.00000")


class TestLists:
    def test_it_tells_what_becomes_of_watchlists(self, investor: Client):
        with Stream(investor, "data") as stream:
            stream.subscribe("Watchlist", 7311)
            lists = "/users/@me/watchlists"
            made = investor.send("POST", f"{lists}?resultIncludeSecurities=true", json={"Name": "Mine"}).json()
            assert stream.until(EntityType="Watchlist", Name="Mine")["id"] == str(made["Id"])
            assert stream.subscribe("WatchlistContent", made["Id"])["StatusCode"] == "Ok"
            investor.send("PUT", f"{lists}/{made['Id']}/securities/{AAPL}")
            grown = stream.until(EntityType="WatchlistContent")
            assert (grown["AddedSymbols"], grown["RemovedSymbols"]) == (str(AAPL), "null")
            investor.send("DELETE", f"{lists}/{made['Id']}")
            assert stream.until(EntityType="Watchlist", IsDeleted="True")["Name"] == "Mine"

    def test_it_tells_alerts_that_fire(self, box: Box, investor: Client):
        box.pin("KO", "70.00")
        with Stream(investor, "data") as stream:
            stream.subscribe("PriceAlert", 7311)
            alert = {
                "Operator": "GTEQ", "State": "New", "Field": "Last", "Argument": 75,
                "SecurityId": security_id(investor, "KO"), "ExpirationDate": 1800000000,
            }  # fmt: skip
            answer = investor.send("POST", "/users/@me/pricealerts", json=alert)
            assert answer.status_code in (200, 201), answer.text
            box.pin("KO", "76.00")
            fired = stream.until(EntityType="PriceAlert", State="Completed")
            assert (fired["Symbol"], fired["Price"]) == ("KO", "76.00")


class TestFaults:
    @pytest.fixture
    def stream(self, investor: Client):
        with Stream(investor, "data") as stream:
            stream.subscribe("Order", 6412)
            yield stream

    def statuses(self, stream: Stream, count: int) -> list[str]:
        return [stream.next()["Status"] for _ in range(count)]

    def test_a_frame_is_dropped(self, box: Box, investor: Client, stream: Stream):
        box.fault(on="stream", action="drop", entity="Order")
        investor.place("KO", "Buy", 5)
        box.advance(10)
        assert self.statuses(stream, 2) == ["New", "Filled"]

    def test_a_frame_is_doubled(self, box: Box, investor: Client, stream: Stream):
        box.fault(on="stream", action="duplicate", entity="Order", key="6412")
        investor.place("KO", "Buy", 5)
        box.advance(10)
        assert self.statuses(stream, 4) == ["PendingNew", "PendingNew", "New", "Filled"]

    def test_two_frames_change_places(self, box: Box, investor: Client, stream: Stream):
        box.fault(on="stream", action="reorder", entity="Order")
        investor.place("KO", "Buy", 5)
        box.advance(10)
        assert self.statuses(stream, 3) == ["New", "PendingNew", "Filled"]

    def test_the_line_is_cut(self, box: Box, stream: Stream):
        box.fault(on="stream", action="disconnect")
        assert stream.close_code() is None
        assert box.control("GET", "faults")["rules"][0]["applied"] == 1

    def test_it_falls_silent(self, box: Box, investor: Client, stream: Stream):
        box.settings(stream_ping_seconds=0.1)
        box.fault(on="stream", action="silence", entity="Order", seconds=0.6)
        investor.place("KO", "Buy", 5)
        with pytest.raises(TimeoutError):
            stream.socket.recv(0.4)
        assert json.loads(stream.socket.recv(5))["Cmd"] == "Ping"

    @pytest.mark.parametrize(
        "rule", [{"on": "pigeon", "action": "drop"}, {"on": "stream", "action": "eat"}, {"on": "stream", "event": "x"}]
    )
    def test_nonsense_is_refused(self, box: Box, rule: dict[str, str]):
        assert box.control("POST", "faults", rule, status=400)["error"]


class TestRestart:
    def test_sessions_and_subscriptions_are_still_there(self, tmp_path):
        state = str(tmp_path / "sandbox.sqlite3")
        with Box("--state", state) as first:
            client = log_in(first, "investor@demo.test")
            with Stream(client, "data") as stream:
                stream.subscribe("Position", 6412)
                first.stop()
        with Box("--state", state) as second:
            client.box = second
            renewed = client.send("PUT", "/streamers/session/recover", params={"sessionType": 0}).json()["Id"]
            with Stream(client, "data", session=renewed) as again:
                assert again.next()["EntityType"] == "Position"


def test_a_stream_is_in_the_request_log_without_its_secret(box: Box, investor: Client):
    with Stream(investor, "data") as stream:
        log = box.control("GET", "requests")
        assert any(entry["method"] == "WS" and entry["path"] == "/streams/data/CreateSession.txt" for entry in log)
        assert stream.session not in json.dumps(log)


def test_an_unknown_stream_is_turned_away(box: Box):
    assert requests.get(f"{box.url}/streams/data/CreateSession.txt", timeout=5).status_code == 404
