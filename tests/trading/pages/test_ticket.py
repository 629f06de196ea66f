import uuid
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from brokers.models import Broker, Connection
from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.models import Grant
from tests.conftest import Browser
from tests.trading.pages.conftest import HTMX, typed
from trading.market_hours import market_state
from trading.orders.models import OrderDraft
from trading.securities.models import Quote, Security

TICKET = "/trade/AAPL/"
DRAFT = "/trade/AAPL/draft/"
PREVIEW = "/trade/AAPL/preview/"


class TestTicketPage:
    def test_it_shows_the_price_and_how_old_it_is(self, desk, aapl):
        page = desk.get(TICKET).content.decode()
        for text in ("Apple Inc.", "181.20", "181.18", "181.21", "+$1.22", "(+0.68%)", "Updated"):
            assert text in page

    def test_it_says_why_a_price_is_old(self, desk, aapl):
        Quote.unscoped.update(error="AutoShares has no quote for AAPL at the moment.")
        assert "AutoShares has no quote for AAPL at the moment." in desk.get(TICKET).content.decode()

    def test_it_shows_what_is_held_and_may_be_spent(self, desk, aapl, make_position):
        make_position("AAPL", "40")
        page = desk.get(TICKET).content.decode()
        assert "$24,002.00" in page
        assert "150.00" in page

    @pytest.mark.parametrize(("held", "side"), [(40, "sell"), (-40, "cover")])
    def test_a_position_is_closed_with_one_click_on_its_way_to_the_review(self, desk, aapl, make_position, held, side):
        make_position("AAPL", quantity=Decimal(held))
        page = desk.get("/trade/AAPL/").content.decode()
        link = f"/trade/AAPL/?side={side}&amp;quantity=40&amp;purpose=close"
        assert link in page
        form = desk.get(link.replace("&amp;", "&")).context["form"]
        assert (form["side"].value(), Decimal(form["quantity"].value())) == (side, 40)

    @pytest.mark.parametrize(("held", "terms"), [("40", ("sell", "40", "181.18")), ("-40", ("cover", "40", "181.21"))])
    def test_a_position_is_turned_around_by_two_orders(self, desk, account, aapl, make_position, held, terms):
        TradingAccount.unscoped.update(margin_type="Margin")
        Security.unscoped.update(may_be_shorted=True)
        make_position("AAPL", held)
        link = f"/trade/AAPL/?side={terms[0]}&amp;quantity=40&amp;purpose=reverse"
        assert link in desk.get(TICKET).content.decode()
        form = desk.get(link.replace("&amp;", "&")).context["form"]
        assert tuple(form[name].value() for name in ("side", "quantity", "limit_price")) == terms
        assert (form["plan"].value(), form["type"].value()) == ("reverse", "limit")

    @pytest.mark.parametrize(("held", "margin"), [("40", "Cash"), ("40.5", "Margin")])
    def test_it_does_not_offer_to_turn_around_what_cannot_be(self, desk, aapl, make_position, held, margin):
        TradingAccount.unscoped.update(margin_type=margin)
        Security.unscoped.update(may_be_shorted=True)
        make_position("AAPL", held)
        page = desk.get(TICKET).content.decode()
        assert "purpose=close" in page
        assert "purpose=reverse" not in page

    def test_it_begins_with_the_side_that_was_asked_for(self, desk, aapl):
        assert desk.get(TICKET, {"side": "sell"}).context["form"]["side"].value() == "sell"
        assert desk.get(TICKET, {"side": "steal"}).context["form"]["side"].value() == "buy"

    def test_it_says_that_the_market_is_simulated(self, desk, aapl):
        assert "Simulated market, open around the clock" in desk.get(TICKET).content.decode()

    def test_it_says_when_a_closed_market_opens(self, desk, harbor, aapl, monkeypatch):
        Connection.objects.update(trades_around_the_clock=False)
        saturday = datetime(2026, 11, 28, 15, tzinfo=UTC)
        state = market_state(Broker.objects.get(pk=harbor.pk), saturday)
        monkeypatch.setattr("trading.orders.ticket_views.market_state", lambda broker: state)
        page = desk.get(TICKET).content.decode()
        assert "Closed until Monday 9:30 am ET: an order placed now waits for the open." in page

    @pytest.mark.parametrize(
        ("changes", "words"),
        [({"access": AccountLink.Access.READ_ONLY}, "You may look at this account, not trade in it.")],
    )
    def test_it_has_no_button_where_one_may_only_look(self, desk, aapl, changes, words):
        AccountLink.unscoped.update(**changes)
        page = desk.get(TICKET).content.decode()
        assert words in page
        assert "Review <span" not in page

    def test_it_has_no_button_for_what_cannot_be_traded(self, desk, aapl):
        Security.unscoped.update(is_tradable=False)
        page = desk.get(TICKET).content.decode()
        assert "AAPL cannot be traded at the moment." in page
        assert "Review <span" not in page

    def test_the_quote_alone_keeps_itself_fresh(self, desk, aapl):
        fragment = desk.get(reverse("trading:quote", args=["AAPL"]), headers=HTMX).content.decode()
        assert 'hx-trigger="every 2s,' in fragment
        assert "181.20" in fragment

    def test_what_is_around_keeps_itself_fresh(self, desk, aapl, make_order):
        make_order()
        fragment = desk.get(reverse("trading:ticket-around", args=["AAPL"]), headers=HTMX).content.decode()
        assert fragment.startswith('<div class="trade__side"')
        assert "Buy 100 AAPL" in fragment


class TestEstimate:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"quantity": "100"}, "$18,121.00"),  # at the ask
            ({"quantity": "100", "side": "sell"}, "$18,118.00"),  # at the bid
            ({"quantity": "100", "type": "limit", "limit_price": "180"}, "$18,000.00"),
            ({"quantity": "1,000", "type": "limit", "limit_price": "180"}, "More than your buying power."),
            ({"quantity": "100", "side": "sell"}, "More than you hold."),
            ({"quantity": "1", "time_in_force": "gtc"}, "A market order is good for today only."),
            ({"quantity": "1", "type": "limit", "limit_price": "18x"}, "<dd>–</dd>"),
        ],
    )
    def test_it_follows_what_is_typed(self, desk, aapl, changes, words):
        answer = desk.post(DRAFT, typed(**changes), headers=HTMX)
        assert answer.status_code == 200
        assert words in answer.content.decode()


class TestDraft:
    def test_it_survives_leaving_the_page(self, desk, aapl):
        data = typed(type="limit", quantity="25", limit_price="18x.")
        desk.post(DRAFT, data, headers=HTMX)
        page = desk.get(TICKET)
        assert "Restored what you had typed." in page.content.decode()
        assert page.context["form"]["quantity"].value() == "25"
        assert page.context["form"]["limit_price"].value() == "18x."
        assert str(page.context["form"]["form_key"].value()) == data["form_key"]

    def test_it_survives_the_end_of_the_session(self, desk, dana, aapl):
        desk.post(DRAFT, typed(quantity="25"), headers=HTMX)
        desk.logout()
        answer = desk.post(PREVIEW, typed(quantity="25"), headers=HTMX)
        address = urlsplit(answer["HX-Redirect"])
        assert address.path == "/sign-in/"
        assert parse_qs(address.query)["next"] == [TICKET]
        assert OrderDraft.unscoped.get(user=dana).fields["quantity"] == "25"

    def test_it_is_forgotten_on_request_and_the_key_with_it(self, desk, aapl):
        data = typed(quantity="25")
        desk.post(DRAFT, data, headers=HTMX)
        panel = desk.post(reverse("trading:ticket-discard", args=["AAPL"]), data, headers=HTMX)
        assert not OrderDraft.unscoped.exists()
        assert data["form_key"] not in panel.content.decode()

    def test_it_is_not_kept_while_nothing_is_typed(self, desk, aapl):
        desk.post(DRAFT, typed(quantity=""), headers=HTMX)
        assert not OrderDraft.unscoped.exists()

    def test_it_keeps_no_more_than_fits(self, desk, aapl):
        desk.post(DRAFT, typed(quantity="9" * 5000), headers=HTMX)
        assert len(OrderDraft.unscoped.get().fields["quantity"]) == 24

    def test_it_outlives_a_form_whose_key_was_lost(self, desk, aapl):
        assert desk.post(DRAFT, typed(form_key="no key"), headers=HTMX).status_code == 200

    def test_it_is_mine_alone(self, desk, neighbour, aapl):
        desk.post(DRAFT, typed(quantity="25"), headers=HTMX)
        assert "Restored" not in neighbour.get(TICKET).content.decode()


class TestInvalidTicket:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"quantity": ""}, "quantity"),
            ({"quantity": "0"}, "quantity"),
            ({"quantity": "-5"}, "quantity"),
            ({"quantity": "1.5"}, "quantity"),
            ({"quantity": "1000001"}, "quantity"),
            ({"type": "limit", "limit_price": "181.205"}, "limit_price"),
            ({"type": "limit", "limit_price": "0"}, "limit_price"),
            ({"time_in_force": "gtc"}, "time_in_force"),
        ],
    )
    @pytest.mark.parametrize("headers", [HTMX, None])
    def test_it_points_at_the_field_and_keeps_what_was_typed(self, desk, aapl, changes, field, headers):
        data = typed(**changes)
        answer = desk.post(PREVIEW, data, headers=headers)
        assert answer.status_code == 422
        form = answer.context["form"]
        assert list(form.errors) == [field]
        assert form.errors[field][0] in answer.content.decode().replace("&#x27;", "'")
        assert {name: form[name].value() for name in data} == data

    def test_it_ties_the_words_to_the_field_for_everyone(self, desk, aapl):
        page = desk.post(PREVIEW, typed(quantity="0"), headers=HTMX).content.decode()
        assert 'aria-invalid="true"' in page
        assert 'id="ticket-quantity_error"' in page

    def test_it_says_that_a_form_without_key_is_incomplete(self, desk, aapl):
        answer = desk.post(PREVIEW, typed(form_key=""), headers=HTMX)
        assert answer.status_code == 422
        assert "Open the ticket again" in answer.content.decode()

    def test_an_address_of_a_form_leads_back_to_the_ticket(self, desk, aapl):
        assert desk.get(PREVIEW)["Location"] == TICKET
        assert desk.get("/trade/AAPL/place/")["Location"] == TICKET

    def test_a_symbol_that_nobody_knows_is_not_found(self, desk):
        assert desk.post("/trade/NOPE/preview/", typed(), headers=HTMX).status_code == 404

    def test_an_expired_form_is_refused_in_words(self, dana, desk, aapl):
        strict = Browser(enforce_csrf_checks=True)
        strict.cookies = desk.cookies
        answer = strict.post(PREVIEW, typed())
        assert answer.status_code == 403
        assert "open too long" in answer.content.decode()

    def test_an_expired_form_leaves_the_panel_as_it_is(self, desk, aapl):
        strict = Browser(enforce_csrf_checks=True)
        strict.cookies = desk.cookies
        answer = strict.post(PREVIEW, typed(), headers=HTMX)
        assert answer["HX-Reswap"] == "none"
        assert 'hx-swap-oob="beforeend:#toasts"' in answer.content.decode()
        assert "<html" not in answer.content.decode()


class TestEndedConnection:
    def test_it_offers_to_reconnect_and_keeps_what_was_typed(self, desk, aapl):
        Grant.unscoped.update(state=Grant.State.ENDED)
        answer = desk.post(PREVIEW, typed(quantity="25"), headers=HTMX)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "/connection/reconnect/?next=%2Ftrade%2FAAPL%2F" in page
        assert 'value="25"' in page
        assert uuid.UUID(answer.context["form"]["form_key"].value())
