import csv
import io
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.trading.pages.conftest import HTMX
from trading.orders.models import Order
from trading.orders.timeline import record_event

ORDERS = "/orders/"


class TestOrderList:
    def test_it_shows_open_orders_first_then_the_newest(self, desk, make_order):
        working = make_order(symbol="OLD")
        filled = make_order(symbol="NEW", state="filled")
        Order.unscoped.filter(pk=working.pk).update(created_at=timezone.now() - timedelta(days=2))
        listed = desk.get(ORDERS).context["page"].object_list
        assert [order.pk for order in listed] == [working.pk, filled.pk]

    def test_it_narrows_to_open_orders(self, desk, make_order):
        make_order(symbol="OPEN")
        make_order(symbol="DONE", state="filled")
        page = desk.get(ORDERS, {"show": "open"}).content.decode()
        assert "OPEN" in page
        assert "DONE" not in page

    @pytest.mark.parametrize(
        ("news_is_due", "pace"),
        [("an order was just placed", "1s"), ("a cancellation was just asked for", "1s"), ("never", "3s")],
    )
    def test_it_draws_itself_again_sooner_while_an_order_moves(self, desk, make_order, news_is_due, pace):
        canceling = {"cancel_requested_at": timezone.now()} if "cancellation" in news_is_due else {}
        make_order(**canceling, state="acked" if "placed" in news_is_due else "working")
        list_alone = desk.get(ORDERS, {"show": "open"}, headers=HTMX).content.decode()
        assert list_alone.startswith('<div class="orders__live"')
        assert f'hx-get="/orders/?show=open" hx-trigger="every {pace}"' in list_alone

    def test_it_calms_down_when_no_news_comes(self, desk, make_order):
        order = make_order(state="acked")
        Order.unscoped.filter(pk=order.pk).update(created_at=timezone.now() - timedelta(minutes=2))
        assert 'hx-trigger="every 3s"' in desk.get(ORDERS).content.decode()

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"show": "filled"}, ["DONE"]),
            ({"show": "rejected"}, ["REF", "NOT"]),
            ({"show": "canceled"}, ["CAN"]),
            ({"show": "expired"}, ["EXP"]),
            ({"symbol": "can"}, ["CAN"]),
            ({"side": "sell"}, ["EXP"]),
            ({"since": "2026-01-02", "until": "2026-01-02"}, ["CAN"]),
            ({"sort": "symbol"}, ["CAN", "DONE", "EXP", "NOT", "REF"]),
            ({"since": "yesterday", "side": "both"}, ["REF", "NOT", "EXP", "DONE", "CAN"]),
        ],
    )
    def test_it_is_narrowed_and_sorted(self, desk, make_order, asked, found):
        old = make_order(symbol="CAN", state="canceled")
        Order.unscoped.filter(pk=old.pk).update(
            created_at=datetime(2026, 1, 3, 4, 59, tzinfo=UTC)
        )  # 23:59 the day before
        make_order(symbol="DONE", state="filled")
        make_order(symbol="EXP", state="expired", side="sell")
        make_order(symbol="NOT", state="rejected")
        make_order(symbol="REF", state="refused")
        assert [order.symbol for order in desk.get(ORDERS, asked).context["page"]] == found

    def test_it_keeps_what_was_typed_and_says_what_it_could_not_read(self, desk):
        page = desk.get(ORDERS, {"since": "yesterday"}).content.decode()
        assert 'value="yesterday"' in page
        assert "Enter a valid date." in page

    def test_legs_stand_under_their_head_and_count_once(self, desk, make_order):
        head = make_order(type="oco", symbol="KO")
        for place in (0, 1):
            make_order(parent=head, place_in_group=place, symbol="KO")
        page = desk.get(ORDERS)
        assert [order.pk for order in page.context["page"]] == [head.pk]
        assert page.content.decode().count('class="table__leg"') == 2

    def test_it_says_honestly_that_an_order_is_unresolved(self, desk, make_order):
        make_order(state="unknown")
        page = desk.get(ORDERS).content.decode()
        assert "We are checking with AutoShares; it has not been sent again." in page

    def test_it_shows_the_fill_and_the_average_price(self, desk, make_order):
        make_order(state="partially_filled", filled_quantity=Decimal(40), average_price=Decimal("181.19"))
        page = desk.get(ORDERS).content.decode()
        assert "40 / 100" in page
        assert "181.19" in page

    def test_it_turns_the_pages(self, desk, make_order):
        for _ in range(30):
            make_order()
        assert len(desk.get(ORDERS).context["page"].object_list) == 25
        assert len(desk.get(ORDERS, {"page": 2}).context["page"].object_list) == 5
        assert desk.get(ORDERS, {"page": "no page"}).status_code == 200

    def test_it_says_what_to_do_where_there_are_none(self, desk):
        assert "Place an order" in desk.get(ORDERS).content.decode()
        expired = desk.get(ORDERS, {"show": "expired"}).content.decode()
        assert "None of this account’s orders is expired." in expired

    def test_it_asks_the_same_number_of_questions_however_many_there_are(
        self, desk, make_order, django_assert_max_num_queries
    ):
        for _ in range(25):
            make_order(cancel_requested_at=timezone.now())
        with django_assert_max_num_queries(17):
            desk.get(ORDERS)


class TestCsv:
    def test_it_holds_the_same_orders_as_the_page_legs_included(self, desk, make_order):
        head = make_order(type="oto", symbol="KO")
        make_order(parent=head, symbol="KO", type="stop", limit_price=None, stop_price=Decimal("65.50"))
        make_order(symbol="MSFT", state="filled")
        answer = desk.get("/orders/csv/", {"symbol": "ko"})
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        assert [(row["Symbol"], row["Type"], row["Part of"]) for row in rows] == [
            ("KO", "One triggers the other", ""),
            ("KO", "Stop", str(head.client_id)),
        ]
        assert rows[1]["Stop (USD)"] == "65.5"
        assert answer["Content-Disposition"].startswith('attachment; filename="orders-')


class TestOrderStatus:
    @pytest.mark.parametrize("state", ["filled", "canceled", "rejected", "expired", "refused", "abandoned"])
    @pytest.mark.parametrize("name", ["order-status", "order-detail"])
    def test_it_stops_asking_once_nothing_more_is_expected(self, desk, make_order, state, name):
        part = desk.get(reverse(f"trading:{name}", args=[make_order(state=state).id]), headers=HTMX).content.decode()
        assert "hx-trigger" not in part
        assert "<form" not in part


class TestOrderDetail:
    def test_it_tells_the_story_to_the_millisecond(self, desk, make_order):
        order = make_order()
        line = record_event(order, "order.received", "Buy 100 AAPL at 181.20 or better.", actor="investor")
        page = desk.get(reverse("trading:order-detail", args=[order.id])).content.decode()
        assert "Buy 100 AAPL at 181.20 or better, good today" in page
        assert line.at.strftime("%H:%M:%S.%f")[:12] in page
        assert "You" in page

    def test_it_shows_the_vendors_own_words(self, desk, make_order):
        order = make_order(state="rejected", reason="Trading is halted.", vendor_reason="HALT_001 security halted")
        page = desk.get(reverse("trading:order-detail", args=[order.id])).content.decode()
        assert "Trading is halted." in page
        assert "HALT_001 security halted" in page

    def test_it_draws_only_what_changes_for_htmx(self, desk, make_order):
        order = make_order()
        fragment = desk.get(reverse("trading:order-detail", args=[order.id]), headers=HTMX).content.decode()
        assert fragment.startswith('<article class="order"')


class TestCancelButton:
    def cancel(self, desk, order, *, headers=HTMX, **form):
        values = {"form_key": str(uuid.uuid4()), "drawn": "row"} | form
        return desk.post(reverse("trading:order-cancel", args=[order.id]), values, headers=headers)

    def test_it_refuses_a_filled_order_in_the_row(self, desk, make_order):
        answer = self.cancel(desk, make_order(state="filled", filled_quantity=Decimal(100)))
        assert answer.status_code == 409
        assert answer.content.decode().startswith("<tr")
        assert "The order is filled" in answer.content.decode()

    def test_it_refuses_a_form_without_a_key(self, desk, make_order):
        assert self.cancel(desk, make_order(), form_key="").status_code == 422

    def test_it_leads_a_plain_form_back_with_the_words(self, desk, make_order):
        answer = self.cancel(desk, make_order(state="filled"), headers=None)
        assert answer.status_code == 302
        assert answer["Location"] == ORDERS
        assert "The order is filled" in desk.get(ORDERS).content.decode()

    def test_it_is_a_post(self, desk, make_order):
        assert desk.get(reverse("trading:order-cancel", args=[make_order().id])).status_code == 405
