"""Price alerts: they fire at the moment at which the price is there, once, and not before."""

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.clock import parse_iso
from sandbox.lists.alerts import Trigger, change_alert, create_alert, fire_due
from sandbox.state import State
from sandbox.world import World
from tests.sandbox.actors import Box, Client
from tests.sandbox.conftest import MONDAY_10_AM

ALERTS = "/users/@me/pricealerts"
KO = 37
CALL = "AAPL  261218C00270000"
TEN_AM = parse_iso(MONDAY_10_AM) // 1000


def body(**changes: Any) -> dict[str, Any]:
    return {
        "Operator": "GTEQ", "State": "New", "Field": "Last", "Argument": 75, "SecurityId": KO,
        "ExpirationDate": TEN_AM + 86_400,
    } | changes  # fmt: skip


def create(client: Client, **changes: Any) -> Any:
    answer = client.send("POST", ALERTS, json=body(**changes))
    assert answer.status_code == 200, answer.text
    return answer.json()


def state(client: Client, alert: dict[str, Any]) -> Any:
    return client.get(f"{ALERTS}/{alert['Id']}")["State"]


@pytest.fixture
def ko_at_70(box: Box) -> None:
    box.pin("KO", "70.00", bid="69.99", ask="70.02")


@pytest.mark.usefixtures("ko_at_70")
class TestFiring:
    def test_it_waits_until_the_price_is_there(self, investor: Client, box: Box):
        alert = create(investor)
        box.advance(600)
        assert state(investor, alert) == "New"
        box.pin("KO", "75.00")
        assert state(investor, alert) == "Completed"

    @pytest.mark.parametrize(
        ("operator", "field", "argument", "fires"),
        [
            ("GTEQ", "Ask", 70.02, True), ("GTEQ", "Ask", 70.03, False), ("LTEQ", "Ask", 70.01, False),
            ("GTEQ", "Bid", 70, False), ("LTEQ", "Bid", 69.99, True), ("LTEQ", "Bid", 69.98, False),
            ("GTEQ", "Last", 70, True), ("LTEQ", "Last", 70, True), ("LTEQ", "Last", 69.99, False),
        ],
    )  # fmt: skip
    def test_it_looks_at_the_price_it_was_told_to(
        self, investor: Client, operator: str, field: str, argument: float, fires: bool
    ):
        alert = create(investor, Operator=operator, Field=field, Argument=argument)
        assert state(investor, alert) == ("Completed" if fires else "New")

    def test_it_expires_at_its_second(self, investor: Client, box: Box):
        alert = create(investor, ExpirationDate=TEN_AM + 60)
        box.advance(59)
        assert state(investor, alert) == "New"
        box.advance(1)
        assert state(investor, alert) == "Expired"
        box.pin("KO", "80.00")
        assert state(investor, alert) == "Expired"

    def test_a_stopped_one_does_not_fire(self, investor: Client, box: Box):
        alert = create(investor)
        stopped = investor.send("PUT", f"{ALERTS}/{alert['Id']}", json=body(State="Stopped"))
        assert stopped.json() == alert | {"State": "Stopped"}
        box.pin("KO", "80.00")
        assert state(investor, alert) == "Stopped"

    def test_one_that_fired_can_be_armed_again(self, investor: Client):
        alert = create(investor, Argument=70)
        again = investor.send("PUT", f"{ALERTS}/{alert['Id']}", json=body(Argument=90)).json()
        assert (again["State"], again["Argument"]) == ("New", 90)

    def test_an_option_moves_with_its_underlying(self, investor: Client, box: Box):
        box.pin("AAPL", "270.00")
        members = investor.send("PUT", "/users/@me/watchlists/501/securities", json={"Symbol": CALL}).json()
        option = members["SecurityList"][-1]
        alert = create(investor, SecurityId=option["Id"], Argument=60)
        box.advance(60)
        assert (alert["Symbol"], state(investor, alert)) == (option["Symbol"], "New")
        box.pin("AAPL", "340.00")
        assert state(investor, alert) == "Completed"

    def test_one_whose_price_comes_back_over_night_is_still_seen(self, investor: Client, box: Box):
        alert = create(investor, ExpirationDate=TEN_AM + 3 * 86_400)
        box.control("POST", "clock", {"set": "2026-11-24T02:00:00Z"})
        box.pin("KO", "75.00")
        assert state(investor, alert) == "Completed"


class TestMoments:
    """Inside, where the outbox can be seen."""

    @pytest.fixture
    def world(self) -> World:
        world = World(State(), base_url="http://localhost", web_port=8000, market_hours="calendar", seed=1)
        world.reset(seed=1, clock={"mode": "frozen", "set": MONDAY_10_AM})
        return world

    def trigger(self, world: World, symbol_id: int, field: str, cents: int, operator: str) -> Trigger:
        quote = world.market.tape.quote("NVDA", world.market.now_ms())
        price = getattr(quote, field.lower()) + Decimal(cents) / 100
        return Trigger(operator, field, symbol_id, price, world.market.now_ms() + 5 * 86_400_000, "New")

    def events(self, world: World) -> list[sqlite3.Row]:
        return world.state.rows("SELECT * FROM alert_event ORDER BY id")

    @pytest.mark.parametrize(("operator", "cents"), [("GTEQ", 40), ("LTEQ", -40)])
    @pytest.mark.parametrize("field", ["Ask", "Bid", "Last"])
    def test_it_fires_in_the_first_second_that_shows_the_price(
        self, world: World, field: str, operator: str, cents: int
    ):
        market, now = world.market, world.market.now_ms()
        trigger = self.trigger(world, 3, field, cents, operator)
        create_alert(market, 7311, trigger)
        world.change_clock({"advance": 3 * 86_400})
        event = self.events(world)[0]
        before, at = (
            getattr(market.tape.quote("NVDA", ms), field.lower()) for ms in (event["at_ms"] - 1000, event["at_ms"])
        )
        assert event["price"] == at
        assert (before < trigger.argument <= at) if operator == "GTEQ" else (before > trigger.argument >= at)
        assert not any(
            getattr(market.tape.quote("NVDA", ms), field.lower()) == trigger.argument
            for ms in range(now, min(event["at_ms"], now + 600_000), 1000)
        )

    def test_it_does_not_matter_how_often_somebody_looks(self, world: World):
        outboxes = []
        for step in (60, 600, 86_400):
            world.reset(seed=1, clock={"set": MONDAY_10_AM})
            for cents in (20, 40, 80):
                create_alert(world.market, 7311, self.trigger(world, 3, "Last", cents, "GTEQ"))
            for _ in range(86_400 // step):
                world.change_clock({"advance": step})
            outboxes.append([tuple(event) for event in self.events(world)])
        assert outboxes[0] == outboxes[1] == outboxes[2]
        assert outboxes[0]

    def test_it_fires_once(self, world: World):
        alert = create_alert(world.market, 7311, self.trigger(world, 3, "Last", 0, "GTEQ"))
        fire_due(world.market)
        world.change_clock({"advance": 86_400})
        assert [event["alert_id"] for event in self.events(world)] == [alert["id"]]
        change_alert(world.market, 7311, alert["id"], self.trigger(world, 3, "Last", 0, "GTEQ"))
        assert [event["alert_id"] for event in self.events(world)] == [alert["id"]] * 2

    def test_it_survives_a_restart(self, tmp_path: Path):
        options: dict[str, Any] = {"base_url": "http://x", "web_port": 8000, "market_hours": "calendar", "seed": 1}
        state = State(tmp_path / "state.sqlite3")
        world = World(state, **options)
        world.reset(seed=1, clock={"mode": "frozen", "set": MONDAY_10_AM})
        create_alert(world.market, 7311, self.trigger(world, 3, "Last", 20, "GTEQ"))
        state.close()
        world = World(State(tmp_path / "state.sqlite3"), **options)
        world.change_clock({"advance": 3 * 86_400})
        assert len(self.events(world)) == 1


class TestRequests:
    def test_one_is_shown_as_it_was_set(self, investor: Client):
        alert = create(investor, Argument=75.25)
        assert alert == body(Argument=75.25) | {"Id": alert["Id"], "Symbol": "KO", "CreatedDate": TEN_AM}

    @pytest.mark.parametrize("member", ["Operator", "State", "Field", "Argument", "SecurityId", "ExpirationDate"])
    def test_all_six_members_are_needed(self, investor: Client, member: str):
        asked = body()
        del asked[member]
        assert investor.send("POST", ALERTS, json=asked).status_code == 409

    @pytest.mark.parametrize(
        "change",
        [
            {"Operator": "EQ"}, {"State": "Completed"}, {"Field": "Volume"}, {"Argument": -1}, {"Argument": 1e300},
            {"SecurityId": 99999}, {"ExpirationDate": TEN_AM}, {"ExpirationDate": 2**63 - 1}, {"Argument": "x"},
        ],
    )  # fmt: skip
    def test_what_could_never_be_met_is_a_conflict(self, investor: Client, change: dict[str, Any]):
        assert investor.send("POST", ALERTS, json=body(**change)).status_code == 409

    def test_they_come_in_pages_in_the_order_asked_for(self, investor: Client):
        made = [create(investor, Argument=argument)["Id"] for argument in (90, 70.5, 80)]
        query = {"pageSize": 2, "pageNumber": 0, "sortBy": "Argument", "isDesc": "true"}
        page = investor.get(ALERTS, **query)
        assert [alert["Id"] for alert in page["Result"]] == [made[0], made[2]]
        assert (page["TotalCount"], page["PreviousPageLink"]) == (3, "")

    @pytest.mark.parametrize("missing", ["pageSize", "pageNumber", "sortBy", "isDesc"])
    def test_all_four_parameters_of_a_list_are_needed(self, investor: Client, missing: str):
        query = {"pageSize": 2, "pageNumber": 0, "sortBy": "Id", "isDesc": "true"}
        del query[missing]
        answer = investor.send("GET", ALERTS, params=query)
        assert answer.status_code == 404
        assert answer.json()["Error"]["Code"] == "UnsupportedApiVersion"

    def test_a_deleted_one_is_gone(self, investor: Client):
        path = f"{ALERTS}/{create(investor)['Id']}"
        assert investor.send("DELETE", path).status_code == 204
        assert investor.send("DELETE", path).status_code == 409
        assert investor.send("PUT", path, json=body()).status_code == 409
        assert investor.send("GET", path).status_code == 500

    def test_nobody_else_sees_it(self, investor: Client, trader: Client):
        path = f"{ALERTS}/{create(investor)['Id']}"
        assert trader.send("GET", path).status_code == 500
        assert trader.send("DELETE", path).status_code == 409
