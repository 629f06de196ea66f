from django.urls import reverse

from tests.trading.pages.conftest import HTMX
from trading.securities.models import SecuritySearch
from trading.securities.searching import look_up_securities

SEARCH = "/securities/search/"


class TestSymbolSearch:
    def test_it_offers_what_we_know_at_once(self, desk, aapl):
        options = desk.get(SEARCH, {"q": "appl"}, headers=HTMX).content.decode()
        assert "Apple Inc." in options
        assert 'role="option"' in options
        assert reverse("trading:ticket", args=["AAPL"]) in options

    def test_it_looks_again_while_autoshares_is_being_asked(self, desk):
        options = desk.get(SEARCH, {"symbol": "zzz"}, headers=HTMX).content.decode()
        assert "Looking up “zzz”" in options
        assert "look=1" in options

    def test_it_stops_looking_after_a_while(self, desk):
        desk.get(SEARCH, {"q": "zzz"}, headers=HTMX)
        options = desk.get(SEARCH, {"q": "zzz", "look": "6"}, headers=HTMX).content.decode()
        assert "hx-get" not in options

    def test_it_says_so_when_there_is_nothing(self, desk, harbor, dana):
        SecuritySearch.unscoped.create(
            broker=harbor, mask="ZZZ", asked_at="2099-01-01T00:00Z", answered_at="2099-01-01T00:00Z"
        )
        assert "Nothing found for “zzz”" in desk.get(SEARCH, {"q": "zzz"}, headers=HTMX).content.decode()

    def test_it_has_no_options_for_nothing(self, desk, aapl):
        assert desk.get(SEARCH, {"q": "  "}, headers=HTMX).content.decode().strip() == ""

    def test_it_escapes_what_was_typed(self, desk):
        assert "<b>" not in desk.get(SEARCH, {"q": "<b>x"}, headers=HTMX).content.decode()

    def test_it_finds_what_only_autoshares_knew(self, trading, robin):
        trading.get(SEARCH, {"q": "TSLA"}, headers=HTMX)
        look_up_securities(SecuritySearch.unscoped.get(mask="TSLA").pk, str(robin.pk))
        assert "/trade/TSLA/" in trading.get(SEARCH, {"q": "TSLA", "look": "1"}, headers=HTMX).content.decode()


class TestChoosing:
    def test_it_opens_the_ticket_of_a_symbol_typed_in_full(self, desk, aapl):
        assert desk.get("/trade/", {"symbol": "aapl"})["Location"] == "/trade/AAPL/"

    def test_it_opens_the_ticket_when_it_turns_up_while_one_waits(self, desk, aapl):
        assert desk.get("/trade/", {"symbol": "aapl"}, headers=HTMX)["HX-Redirect"] == "/trade/AAPL/"

    def test_it_lists_what_a_name_finds(self, desk, aapl):
        assert "/trade/AAPL/" in desk.get("/trade/", {"symbol": "apple"}).content.decode()

    def test_it_offers_what_is_held_and_what_was_traded(self, desk, make_position, make_order):
        make_position("HELD")
        make_order(symbol="DONE")
        page = desk.get("/trade/").content.decode()
        assert "/trade/HELD/" in page
        assert "/trade/DONE/" in page

    def test_it_corrects_the_case_of_an_address(self, desk, aapl):
        assert desk.get("/trade/aapl/")["Location"] == "/trade/AAPL/"


class TestUnknownSymbol:
    def test_it_looks_it_up_first(self, desk):
        page = desk.get("/trade/NOPE/")
        assert page.status_code == 200
        assert "Looking up NOPE" in page.content.decode()

    def test_it_says_that_there_is_none_once_autoshares_said_so(self, trading, robin):
        trading.get("/trade/NOPE/")
        look_up_securities(SecuritySearch.unscoped.get(mask="NOPE").pk, str(robin.pk))
        page = trading.get("/trade/NOPE/")
        assert page.status_code == 404
        assert "AutoShares knows no NOPE" in page.content.decode()

    def test_it_opens_the_ticket_when_it_turns_up(self, trading, robin):
        trading.get("/trade/TSLA/")
        look_up_securities(SecuritySearch.unscoped.get(mask="TSLA").pk, str(robin.pk))
        assert trading.get("/trade/TSLA/?looking", headers=HTMX)["HX-Redirect"] == "/trade/TSLA/"
        assert "Order ticket" in trading.get("/trade/TSLA/").content.decode()

    def test_it_goes_on_looking_in_its_own_panel(self, trading):
        panel = trading.get("/trade/TSLA/?looking", headers=HTMX).content.decode()
        assert "Looking up TSLA" in panel
        assert 'hx-get="/trade/TSLA/?looking"' in panel
