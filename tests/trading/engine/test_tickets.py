"""What a ticket says, what it refuses before anybody is asked, and what AutoShares is sent for it."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.orders.errors import TicketInvalid
from trading.orders.models import Order
from trading.orders.reversing import reversed_by
from trading.orders.rules import check_against_market, check_ticket
from trading.orders.tickets import Ticket, Trail, hash_payload, leg_client_id
from trading.orders.vendor_words import draft_of
from trading.orders.wording import sentence
from trading.securities.models import Quote, Security

TODAY = date(2026, 11, 24)
PERCENT, AMOUNT = Order.TrailKind.PERCENT, Order.TrailKind.AMOUNT


def ticket(**changes) -> Ticket:
    values = {
        "symbol": "AAPL",
        "side": "buy",
        "type": "limit",
        "time_in_force": "day",
        "quantity": Decimal(100),
        "limit_price": Decimal("181.20"),
    }
    return Ticket(**values | changes)


def market(**changes) -> Ticket:
    return ticket(type="market", limit_price=None, **changes)


def stop(price: str = "165.00", **changes) -> Ticket:
    return ticket(**{"side": "sell", "type": "stop", "limit_price": None, "stop_price": Decimal(price)} | changes)


def trailing(kind: str = PERCENT, value: str = "3", **changes) -> Ticket:
    values = {"side": "sell", "type": "trailing_stop", "limit_price": None, "trail": Trail(kind, Decimal(value))}
    return ticket(**values | changes)


def exits(target: str = "190.00", loss: str = "160.00", **changes) -> tuple[Ticket, Ticket]:
    values = {"side": "sell", "time_in_force": "gtc"} | changes
    return ticket(limit_price=Decimal(target), **values), stop(loss, **values)


def bracket(**changes) -> Ticket:
    return Ticket.of_legs(Order.Type.BRACKET, ticket(**changes), *exits())


def check(one: Ticket, security: Security | None = None) -> None:
    check_ticket(one, security, today=TODAY)


@dataclass
class Cost:
    cost: Decimal
    commission: Decimal


class TestSentence:
    def test_it_reads_like_something_one_would_say(self):
        words = sentence(ticket(), Cost(Decimal("18120"), Decimal("1")))
        assert words == "Buy 100 AAPL at 181.20 or better, good today, for about $18,120.00 plus $1.00 commission"

    def test_it_takes_the_commission_from_a_sale(self):
        words = sentence(market(side="sell", quantity=Decimal(1500)), Cost(Decimal("-300000"), Decimal("3.75")))
        assert words == (
            "Sell 1,500 AAPL at the market price, good today, for about $300,000.00 less $3.75 commission"
        )

    @pytest.mark.parametrize(
        ("one", "words"),
        [
            (ticket(time_in_force="gtc"), "Buy 100 AAPL at 181.20 or better, good till canceled"),
            (
                ticket(time_in_force="gtd", expires_on=date(2026, 12, 1)),
                "Buy 100 AAPL at 181.20 or better, good through Dec 1, 2026",
            ),
            (ticket(time_in_force="fok"), "Buy 100 AAPL at 181.20 or better, all at once or nothing"),
            (
                ticket(session="pre", all_or_none=True),
                "Buy 100 AAPL at 181.20 or better, good today, before the open only, all or none",
            ),
            (market(side="short"), "Sell short 100 AAPL at the market price, good today"),
            (market(side="cover"), "Buy to cover 100 AAPL at the market price, good today"),
            (market(quantity=None, cash_amount=Decimal(500)), "Buy $500.00 of AAPL at the market price, good today"),
            (stop(), "Sell 100 AAPL at the market once it trades at 165.00 or lower, good today"),
            (
                stop("190.00", side="buy"),
                "Buy 100 AAPL at the market once it trades at 190.00 or higher, good today",
            ),
            (
                stop(type="stop_limit", limit_price=Decimal("164.50")),
                "Sell 100 AAPL at 164.50 or better once it trades at 165.00 or lower, good today",
            ),
            (trailing(), "Sell 100 AAPL at the market once it falls 3% from its best price, good today"),
            (
                trailing(AMOUNT, "5", type="trailing_stop_limit", limit_offset=Trail(AMOUNT, Decimal(1))),
                "Sell 100 AAPL once it falls $5.00 from its best price, with a limit $1.00 beyond that, good today",
            ),
            (
                Ticket.of_legs("oco", *exits()),
                "Sell 100 AAPL at 190.00 or better, or at the market once it trades at 160.00 or lower, "
                "whichever comes first, good till canceled",
            ),
            (
                bracket(),
                "Buy 100 AAPL at 181.20 or better, good today; once filled, sell them at 190.00 or better, "
                "or at the market once it trades at 160.00 or lower, good till canceled",
            ),
            (
                reversed_by(ticket(side="sell")),
                "Sell 100 AAPL at 181.20 or better, good today; once filled, sell short 100 AAPL at the market price, "
                "good today",
            ),
        ],
    )
    def test_it_says_every_type_in_plain_words(self, one, words):
        assert sentence(one) == words


WRONG = [
    ({"quantity": Decimal(0)}, "quantity"),
    ({"quantity": Decimal(-5)}, "quantity"),
    ({"quantity": Decimal("1.5")}, "quantity"),
    ({"quantity": Decimal("NaN")}, "quantity"),
    ({"quantity": Decimal("1E+12")}, "quantity"),
    ({"quantity": None}, "quantity"),
    ({"limit_price": None}, "limit_price"),
    ({"limit_price": Decimal(0)}, "limit_price"),
    ({"limit_price": Decimal("Infinity")}, "limit_price"),
    ({"limit_price": Decimal("1E+9")}, "limit_price"),
    ({"limit_price": Decimal("181.205")}, "limit_price"),
    ({"type": "market"}, "limit_price"),
    ({"type": "market", "limit_price": None, "time_in_force": "gtc"}, "time_in_force"),
    ({"type": "market", "limit_price": None, "session": "pre"}, "session"),
    ({"side": "give away"}, None),
    ({"session": "at night"}, None),
    ({"type": "stop", "limit_price": None}, "stop_price"),
    ({"type": "stop", "stop_price": Decimal(5)}, "limit_price"),
    ({"type": "stop_limit"}, "stop_price"),
    ({"type": "stop", "limit_price": None, "stop_price": Decimal(5), "time_in_force": "ioc"}, "time_in_force"),
    ({"type": "trailing_stop", "limit_price": None}, "trail_value"),
    ({"type": "trailing_stop", "limit_price": None, "trail": Trail(PERCENT, Decimal(100))}, "trail_value"),
    ({"type": "trailing_stop", "limit_price": None, "trail": Trail(AMOUNT, Decimal("0.001"))}, "trail_value"),
    (
        {"type": "trailing_stop_limit", "limit_price": None, "trail": Trail(PERCENT, Decimal(3))},
        "limit_offset_value",
    ),
    ({"time_in_force": "gtd"}, "expires_on"),
    ({"time_in_force": "gtd", "expires_on": date(2026, 11, 23)}, "expires_on"),
    ({"time_in_force": "gtd", "expires_on": date(2028, 1, 1)}, "expires_on"),
    ({"session": "pre", "time_in_force": "fok"}, "time_in_force"),
    ({"quantity": None, "cash_amount": Decimal(500)}, "type"),
    ({"type": "market", "limit_price": None, "quantity": None, "cash_amount": Decimal("0.5")}, "cash_amount"),
    ({"type": "market", "limit_price": None, "quantity": None, "cash_amount": Decimal("1.005")}, "cash_amount"),
]


class TestCheck:
    @pytest.mark.parametrize(("changes", "field"), WRONG)
    def test_it_names_the_field_that_is_wrong(self, changes, field):
        with pytest.raises(TicketInvalid) as refusal:
            check(ticket(**changes))
        assert refusal.value.field == field
        assert refusal.value.status == 422

    @pytest.mark.parametrize(
        "one",
        [
            ticket(),
            market(),
            market(time_in_force="closing"),
            stop(time_in_force="gtc"),
            stop(type="stop_limit", limit_price=Decimal(164)),
            trailing(AMOUNT, "5.50"),
            trailing(type="trailing_stop_limit", limit_offset=Trail(AMOUNT, Decimal(1))),
            ticket(time_in_force="gtd", expires_on=TODAY),
            ticket(session="all"),
            ticket(all_or_none=True),
            Ticket.of_legs("oco", *exits()),
            bracket(),
            Ticket.of_legs("oto", ticket(), exits()[1]),
            reversed_by(ticket(side="cover")),
            Ticket.of_legs("bracket", ticket(), exits()[0], trailing(time_in_force="gtc")),
        ],
    )
    def test_it_passes_a_sound_ticket(self, one):
        check(one)

    def test_it_knows_the_tick_of_the_security(self):
        coarse = Security(symbol="AAPL", tick_size=Decimal("0.05"))
        check(ticket(limit_price=Decimal("181.25")), coarse)
        with pytest.raises(TicketInvalid, match=r"steps of 0\.05"):
            check(ticket(limit_price=Decimal("181.21")), coarse)

    def test_it_allows_hundredths_of_a_cent_below_one_dollar(self):
        check(ticket(limit_price=Decimal("0.1234")))

    def test_it_refuses_what_cannot_be_traded(self):
        with pytest.raises(TicketInvalid) as refusal:
            check(ticket(), Security(symbol="AAPL", is_tradable=False))
        assert refusal.value.field == "symbol"

    def test_it_sells_short_only_what_may_be_shorted(self):
        check(ticket(side="short"), Security(symbol="AAPL", may_be_shorted=True))
        with pytest.raises(TicketInvalid, match="cannot be sold short"):
            check(ticket(side="short"), Security(symbol="AAPL"))


class TestFractions:
    DIVISIBLE = Security(symbol="AAPL", fraction_precision=3)

    def test_parts_of_a_share_need_a_limit_and_a_day(self):
        check(ticket(quantity=Decimal("2.5")), self.DIVISIBLE)
        with pytest.raises(TicketInvalid, match="need a limit order"):
            check(market(quantity=Decimal("2.5")), self.DIVISIBLE)
        with pytest.raises(TicketInvalid, match="good for the day only"):
            check(ticket(quantity=Decimal("2.5"), time_in_force="gtc"), self.DIVISIBLE)

    def test_there_are_no_smaller_parts_than_the_security_has(self):
        with pytest.raises(TicketInvalid, match="At most 3 decimals"):
            check(ticket(quantity=Decimal("0.0001")), self.DIVISIBLE)

    def test_dollars_buy_only_what_is_divisible(self):
        dollars = market(quantity=None, cash_amount=Decimal(500))
        check(dollars, self.DIVISIBLE)
        with pytest.raises(TicketInvalid, match="whole shares only"):
            check(dollars, Security(symbol="BRK.A"))


class TestLegsThatContradict:
    @pytest.mark.parametrize(
        ("one", "field"),
        [
            (Ticket.of_legs("oco", *exits(target="150.00", loss="160.00")), "target_price"),
            (Ticket.of_legs("bracket", ticket(), *exits(target="181.00")), "target_price"),
            (Ticket.of_legs("bracket", ticket(), *exits(loss="185.00")), "exit_stop_price"),
            (Ticket.of_legs("bracket", market(), *exits()), "type"),
            (Ticket.of_legs("bracket", ticket(time_in_force="ioc"), *exits()), "time_in_force"),
            (Ticket.of_legs("bracket", ticket(), *exits(side="cover")), "side"),
            (reversed_by(market(side="sell")), "type"),
            (reversed_by(ticket(side="sell", time_in_force="gtc")), "time_in_force"),
            (Ticket.of_legs("oto", ticket(side="sell"), market(side="buy")), "plan"),
        ],
    )
    def test_they_are_refused_next_to_the_field(self, one, field):
        with pytest.raises(TicketInvalid) as refusal:
            check(one)
        assert refusal.value.field == field

    def test_a_short_entry_turns_the_sides_around(self):
        cover = exits(target="170.00", loss="190.00", side="cover")
        check(Ticket.of_legs("bracket", ticket(side="short"), *cover), Security(symbol="AAPL", may_be_shorted=True))


class TestAgainstTheMarket:
    QUOTE = Quote(last=Decimal("181.00"))

    @pytest.mark.parametrize("one", [stop("190.00"), stop("170.00", side="buy"), stop("181.00")])
    def test_a_stop_on_the_wrong_side_would_trigger_at_once(self, one):
        with pytest.raises(TicketInvalid, match=r"AAPL is at 181\.00") as refusal:
            check_against_market(one, self.QUOTE)
        assert refusal.value.field == "stop_price"

    @pytest.mark.parametrize("one", [stop("170.00"), stop("190.00", side="buy"), ticket(), bracket()])
    def test_others_pass(self, one):
        check_against_market(one, self.QUOTE)
        check_against_market(one, None)


AMOUNTS = st.decimals(Decimal("0.01"), Decimal(10**6), places=2)
TRAILS = st.builds(Trail, st.sampled_from([PERCENT, AMOUNT]), AMOUNTS)
SINGLES = st.builds(
    ticket,
    quantity=st.integers(1, 10**6).map(Decimal),
    limit_price=st.none() | AMOUNTS,
    stop_price=st.none() | AMOUNTS,
    trail=st.none() | TRAILS,
    limit_offset=st.none() | TRAILS,
    expires_on=st.none() | st.dates(),
    session=st.sampled_from(list(Order.Session)),
    all_or_none=st.booleans(),
)
GROUPS = st.builds(lambda legs: Ticket.of_legs("bracket", *legs), st.lists(SINGLES, min_size=2, max_size=3))


class TestPayload:
    @given(SINGLES | GROUPS)
    def test_it_comes_back_whole(self, one):
        assert Ticket.from_payload(one.payload()) == one

    def test_it_does_not_care_how_a_number_was_written(self):
        written = [Decimal("100"), Decimal("100.0"), Decimal("1E+2")]
        assert len({hash_payload(ticket(quantity=number).payload()) for number in written}) == 1

    def test_it_differs_where_the_order_differs(self):
        others = [
            ticket(),
            ticket(side="sell"),
            ticket(quantity=Decimal(101)),
            ticket(symbol="MSFT"),
            market(),
            ticket(session="pre"),
            ticket(all_or_none=True),
            trailing(),
            trailing(AMOUNT),
            bracket(),
        ]
        assert len({hash_payload(one.payload()) for one in others}) == len(others)


class TestDraft:
    def test_it_carries_our_id_twice(self):
        ours = uuid.uuid4()
        wire = draft_of(ticket(), ours).to_wire()
        assert wire["ClientId"] == wire["Comment"] == str(ours)
        assert wire["TimeInforce"] == "Day"
        assert wire["Price"] == Decimal("181.20")

    def test_it_has_no_price_at_the_market(self):
        assert "Price" not in draft_of(market()).to_wire()

    def test_every_leg_carries_an_id_of_its_own(self):
        ours = uuid.uuid4()
        wire = draft_of(bracket(), ours).to_wire()
        assert (wire["Type"], wire["Symbol"]) == ("OneTriggerOneCancelOther", "")
        assert not {"Side", "Quantity", "TimeInforce"} & set(wire)
        assert [leg["ClientId"] for leg in wire["Legs"]] == [str(leg_client_id(ours, place)) for place in range(3)]
        assert [leg["Type"] for leg in wire["Legs"]] == ["Limit", "Limit", "Stop"]

    def test_it_spells_percent_as_the_vendor_does(self):
        wire = draft_of(trailing()).to_wire()
        assert (wire["TrailingStopAmountType"], wire["TrailingStopAmount"]) == ("Persentage", Decimal(3))

    def test_an_amount_in_dollars_is_marked_as_one(self):
        wire = draft_of(market(quantity=None, cash_amount=Decimal(500))).to_wire()
        assert (wire["ExecInst"], wire["Quantity"], wire["Price"]) == ("CashAmountOrder", Decimal(500), Decimal(500))

    def test_a_date_is_good_until_its_last_session_has_ended(self):
        wire = draft_of(ticket(time_in_force="gtd", expires_on=date(2026, 12, 1))).to_wire()
        assert wire["ExpireDate"].isoformat() == "2026-12-02T01:00:00+00:00"  # 20:00 in New York
