"""What a ticket says, and what it refuses before anybody is asked."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.orders.errors import TicketInvalid
from trading.orders.tickets import Ticket, hash_payload
from trading.securities.models import Security


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


@dataclass
class Cost:
    cost: Decimal
    commission: Decimal


class TestSentence:
    def test_it_reads_like_something_one_would_say(self):
        words = ticket().sentence(Cost(Decimal("18120"), Decimal("1")))
        assert words == "Buy 100 AAPL at 181.20 or better, good today, for about $18,120.00 plus $1.00 commission"

    def test_it_takes_the_commission_from_a_sale(self):
        words = market(side="sell", quantity=Decimal(1500)).sentence(Cost(Decimal("-300000"), Decimal("3.75")))
        assert words == (
            "Sell 1,500 AAPL at the market price, good today, for about $300,000.00 less $3.75 commission"
        )

    def test_it_names_no_cost_that_nobody_told(self):
        assert ticket(time_in_force="gtc").sentence() == "Buy 100 AAPL at 181.20 or better, good till canceled"


class TestCheck:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"quantity": Decimal(0)}, "quantity"),
            ({"quantity": Decimal(-5)}, "quantity"),
            ({"quantity": Decimal("1.5")}, "quantity"),
            ({"quantity": Decimal("NaN")}, "quantity"),
            ({"quantity": Decimal("1E+12")}, "quantity"),
            ({"limit_price": None}, "limit_price"),
            ({"limit_price": Decimal(0)}, "limit_price"),
            ({"limit_price": Decimal("Infinity")}, "limit_price"),
            ({"limit_price": Decimal("1E+9")}, "limit_price"),
            ({"limit_price": Decimal("181.205")}, "limit_price"),
            ({"type": "market"}, "limit_price"),
            ({"type": "market", "limit_price": None, "time_in_force": "gtc"}, "time_in_force"),
            ({"side": "short"}, None),
        ],
    )
    def test_it_names_the_field_that_is_wrong(self, changes, field):
        with pytest.raises(TicketInvalid) as refusal:
            ticket(**changes).check()
        assert refusal.value.field == field
        assert refusal.value.status == 422

    def test_it_passes_a_sound_ticket(self):
        ticket().check()
        market().check()

    def test_it_knows_the_tick_of_the_security(self):
        coarse = Security(symbol="AAPL", tick_size=Decimal("0.05"))
        ticket(limit_price=Decimal("181.25")).check(coarse)
        with pytest.raises(TicketInvalid, match=r"steps of 0\.05"):
            ticket(limit_price=Decimal("181.21")).check(coarse)

    def test_it_allows_hundredths_of_a_cent_below_one_dollar(self):
        ticket(limit_price=Decimal("0.1234")).check()

    def test_it_refuses_what_cannot_be_traded(self):
        with pytest.raises(TicketInvalid) as refusal:
            ticket().check(Security(symbol="AAPL", is_tradable=False))
        assert refusal.value.field == "symbol"


class TestPayload:
    @given(
        quantity=st.integers(1, 10**6).map(Decimal),
        limit=st.none() | st.decimals(Decimal("0.0001"), Decimal(10**6), places=4),
    )
    def test_it_comes_back_whole(self, quantity, limit):
        one = ticket(quantity=quantity, limit_price=limit)
        assert Ticket.from_payload(one.payload()) == one

    def test_it_does_not_care_how_a_number_was_written(self):
        written = [Decimal("100"), Decimal("100.0"), Decimal("1E+2")]
        assert len({hash_payload(ticket(quantity=number).payload()) for number in written}) == 1

    def test_it_differs_where_the_order_differs(self):
        others = [ticket(), ticket(side="sell"), ticket(quantity=Decimal(101)), ticket(symbol="MSFT"), market()]
        assert len({hash_payload(one.payload()) for one in others}) == len(others)


class TestDraft:
    def test_it_carries_our_id_twice(self):
        ours = uuid.uuid4()
        wire = ticket().to_draft(ours).to_wire()
        assert wire["ClientId"] == wire["Comment"] == str(ours)
        assert wire["TimeInforce"] == "Day"
        assert wire["Price"] == Decimal("181.20")

    def test_it_has_no_price_at_the_market(self):
        assert "Price" not in market().to_draft().to_wire()
