"""A webhook is believed only for the bytes that were signed."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoshares import OrderStatus, Side
from autoshares.errors import WebhookInvalid
from autoshares.webhooks import WebhookType, read_webhook, sign

from .conftest import AT_LEISURE

SECRET = "whsec-demo"
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
EVENT = {
    "id": "evt_1",
    "type": "order.filled",
    "timestamp": "2026-11-24T14:59:58.120Z",
    "accountId": 6412,
    "data": {
        "orderId": 91234,
        "symbol": "AAPL",
        "side": "Buy",
        "type": "Limit",
        "quantity": 10,
        "filledQuantity": 10,
        "averagePrice": 171.20,
        "status": "Filled",
        "executionTime": "2026-11-24T14:59:57.900Z",
    },
}


def body_of(**changes) -> bytes:
    return json.dumps(EVENT | changes).encode()


def read(body: bytes, signature: str | None = None, **options):
    return read_webhook(
        body, sign(body, SECRET) if signature is None else signature, secret=SECRET, now=NOW, **options
    )


class TestAnHonestEvent:
    def test_it_is_read(self):
        event = read(body_of())
        assert (event.id, event.type, event.account_id) == ("evt_1", WebhookType.ORDER_FILLED, 6412)
        assert event.at == datetime(2026, 11, 24, 14, 59, 58, 120_000, tzinfo=UTC)
        assert event.symbol == "AAPL"

    def test_it_names_the_fill_with_exact_money(self):
        order = read(body_of()).order
        assert (order.order_id, order.side, order.status) == (91234, Side.BUY, OrderStatus.FILLED)
        assert order.average_price == Decimal("171.2")
        assert order.executed_at.tzinfo is UTC

    def test_it_keeps_a_type_that_nobody_knows(self):
        event = read(body_of(type="order.teleported", data={"orderId": "91234"}))
        assert event.type == "order.teleported"
        assert not event.type.is_known
        assert event.order.order_id == 91234

    @pytest.mark.parametrize("data", [None, [], "x", 7, {}, {"orderId": {"a": 1}, "quantity": "many", "side": None}])
    def test_it_survives_any_data(self, data):
        order = read(body_of(data=data)).order
        assert order.order_id is None
        assert order.quantity is None

    def test_it_may_be_no_order_at_all(self):
        assert read(body_of(type="transfer.completed", data={"amount": 250.5})).order is None

    def test_it_may_come_as_late_as_the_last_retry(self):
        late = (NOW - timedelta(hours=14, minutes=36)).isoformat()
        assert read(body_of(timestamp=late)).id == "evt_1"

    def test_it_shows_no_data_in_its_repr(self):
        assert "171.2" not in repr(read(body_of()))


class TestRefusals:
    def test_a_missing_signature(self):
        for nothing in (None, ""):
            with pytest.raises(WebhookInvalid):
                read_webhook(body_of(), nothing, secret=SECRET, now=NOW)

    def test_an_unset_secret_even_if_the_signature_fits_it(self):
        with pytest.raises(WebhookInvalid):
            read_webhook(body_of(), sign(body_of(), ""), secret="", now=NOW)

    def test_another_secret(self):
        with pytest.raises(WebhookInvalid):
            read(body_of(), sign(body_of(), "other"))

    @pytest.mark.parametrize(
        "disguise", [str.upper, lambda text: text[7:], lambda text: text + "00", lambda text: "ß"]
    )
    def test_another_form_of_signature(self, disguise):
        with pytest.raises(WebhookInvalid):
            read(body_of(), disguise(sign(body_of(), SECRET)))

    def test_a_body_that_was_parsed_and_written_again(self):
        rewritten = json.dumps(json.loads(body_of()), separators=(",", ":")).encode()
        assert json.loads(rewritten) == EVENT
        with pytest.raises(WebhookInvalid):
            read(rewritten, sign(body_of(), SECRET))

    def test_a_stale_event(self):
        with pytest.raises(WebhookInvalid, match="stale"):
            read(body_of(timestamp=(NOW - timedelta(hours=24, seconds=1)).isoformat()))

    def test_what_is_older_than_the_receiver_wants(self):
        body = body_of(timestamp=(NOW - timedelta(minutes=6)).isoformat())
        assert read(body)
        with pytest.raises(WebhookInvalid, match="stale"):
            read(body, max_age=timedelta(minutes=5))

    def test_an_event_from_the_future(self):
        with pytest.raises(WebhookInvalid, match="future"):
            read(body_of(timestamp=(NOW + timedelta(minutes=6)).isoformat()))

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"null",
            b"{",
            b"\xff",
            b"[" * 100_000,
            body_of(id=""),
            body_of(timestamp="soon"),
            b'{"id": NaN}',
        ],
    )
    def test_a_signed_body_that_is_no_event(self, body):
        with pytest.raises(WebhookInvalid):
            read(body)

    def test_it_says_which_check_failed_and_nothing_of_the_body(self):
        with pytest.raises(WebhookInvalid) as failure:
            read(body_of(), "sha256=0")
        assert str(failure.value) == "AutoShares: WebhookInvalid, signature"

    @AT_LEISURE
    @given(st.data())
    def test_every_altered_byte(self, data):
        body = bytearray(body_of())
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] ^= data.draw(st.integers(1, 255))
        with pytest.raises(WebhookInvalid):
            read(bytes(body), sign(body_of(), SECRET))

    @AT_LEISURE
    @given(st.binary(), st.text())
    def test_whatever_strangers_send(self, body, signature):
        with pytest.raises(WebhookInvalid):
            read(body, signature)
