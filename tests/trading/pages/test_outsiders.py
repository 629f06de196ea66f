"""Whoever is not an investor of this account finds nothing: no order, no fragment of it, no way to touch it."""

import uuid

import pytest
from django.urls import reverse

from tests.trading.pages.conftest import HTMX, typed
from trading.orders.models import Order, OrderDraft

OF_AN_ORDER = ["order-detail", "order-status", "order-replace"]


@pytest.fixture(params=["outsider", "neighbour"])
def stranger(request):
    """Somebody of the other broker, and somebody else of the same one."""
    return request.getfixturevalue(request.param)


class TestOrdersOfOthers:
    @pytest.mark.parametrize("name", OF_AN_ORDER)
    @pytest.mark.parametrize("headers", [HTMX, None])
    def test_they_are_not_found(self, stranger, make_order, name, headers):
        assert stranger.get(reverse(f"trading:{name}", args=[make_order().id]), headers=headers).status_code == 404

    def test_a_part_that_polls_them_stays_as_it_is(self, stranger, make_order):
        answer = stranger.get(reverse("trading:order-status", args=[make_order().id]), headers=HTMX)
        assert answer["HX-Reswap"] == "none"
        assert answer.content == b""

    def test_they_cannot_be_canceled(self, stranger, make_order):
        order = make_order()
        answer = stranger.post(reverse("trading:order-cancel", args=[order.id]), {"form_key": str(uuid.uuid4())})
        assert answer.status_code == 404
        assert not order.requests.exists()

    def test_they_are_in_no_list(self, stranger, make_order, make_position):
        make_order(symbol="SECRET")
        make_position("SECRET")
        for address in ("/orders/", "/orders/csv/", "/portfolio/", "/trade/"):
            assert "SECRET" not in stranger.get(address).content.decode()


class TestSecuritiesOfAnotherBroker:
    @pytest.mark.parametrize("name", ["quote", "ticket-around"])
    def test_they_are_not_found(self, outsider, aapl, name):
        assert outsider.get(reverse(f"trading:{name}", args=["AAPL"])).status_code == 404

    @pytest.mark.parametrize("name", ["ticket-draft", "ticket-discard", "ticket-preview", "order-place"])
    def test_they_cannot_be_ordered(self, outsider, aapl, name):
        assert outsider.post(reverse(f"trading:{name}", args=["AAPL"]), typed()).status_code == 404
        assert not OrderDraft.unscoped.exists()
        assert not Order.unscoped.exists()

    def test_they_are_not_in_the_search(self, outsider, aapl):
        assert "Apple" not in outsider.get("/securities/search/", {"q": "apple"}).content.decode()


class TestNobody:
    ADDRESSES = ["/portfolio/", "/portfolio/strip/", "/trade/", "/trade/AAPL/", "/orders/", "/securities/search/"]

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_a_page_leads_to_the_sign_in(self, client, address):
        assert client.get(address)["Location"].startswith("/sign-in/?next=")

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_a_fragment_leads_the_whole_page_there(self, client, address):
        assert client.get(address, headers=HTMX)["HX-Redirect"].startswith("/sign-in/?next=%2Ftrade%2FAAPL%2F")


class TestTextThatNobodyTypes:
    @pytest.mark.parametrize("address", ["/trade/A%00/", "/trade/?symbol=%00", "/orders/?symbol=A%00"])
    def test_an_address_with_a_nul_character_is_a_bad_request(self, trading, address):
        assert trading.get(address).status_code == 400

    @pytest.mark.parametrize("action", ["draft", "preview", "place"])
    def test_a_form_with_one_is_a_bad_request(self, trading, aapl, action):
        answer = trading.post(f"/trade/AAPL/{action}/", typed(quantity="1\0"), headers=HTMX)
        assert answer.status_code == 400
        assert not OrderDraft.unscoped.exists()
