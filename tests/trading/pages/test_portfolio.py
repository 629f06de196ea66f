from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from investors.accounts.models import AccountLink
from tests.trading.pages.conftest import HTMX, make_account, make_investor, seat
from trading.portfolio.models import AccountBook

PORTFOLIO = "/portfolio/"


class TestPortfolio:
    def test_it_shows_what_the_account_is_worth_and_holds(self, desk, make_position):
        make_position()
        page = desk.get(PORTFOLIO).content.decode()
        for text in ("$48,745.99", "$12,001.00", "$24,002.00", "+$212.40", "AAPL", "+$1,248.30", "+20.80%", "181.21"):
            assert text in page
        assert reverse("trading:ticket", args=["AAPL"]) in page

    def test_it_adds_up_the_positions(self, desk, make_position):
        make_position("AAPL")
        make_position("MSFT", unrealized=Decimal("-48.30"))
        page = desk.get(PORTFOLIO)
        assert page.context["totals"].unrealized == Decimal("1200.00")
        assert "$13,200.00" in page.content.decode()

    def test_it_adds_up_nothing_where_a_number_is_missing(self, desk, make_position):
        make_position(unrealized=None)
        assert desk.get(PORTFOLIO).context["totals"].market_value is None

    def test_it_draws_only_what_moves_for_htmx(self, desk):
        fragment = desk.get(PORTFOLIO, headers=HTMX)
        assert fragment.content.decode().startswith('<div class="portfolio"')
        assert "HX-Request" in fragment["Vary"]

    def test_it_draws_the_whole_page_for_a_history_visit(self, desk):
        page = desk.get(PORTFOLIO, headers=HTMX | {"HX-Request-Type": "full"})
        assert "<!DOCTYPE html>" in page.content.decode()

    def test_looking_keeps_the_account_watched(self, desk, account):
        desk.get(PORTFOLIO)
        assert AccountBook.unscoped.get(account=account).watched_until > timezone.now() + timedelta(seconds=15)

    def test_looking_at_fresh_numbers_keeps_them_from_growing_old(self, desk, account):
        AccountBook.unscoped.update(watched_until=None, next_check_at=timezone.now() + timedelta(seconds=15))
        desk.get(PORTFOLIO)
        assert AccountBook.unscoped.get(account=account).next_check_at <= timezone.now() + timedelta(seconds=5)

    def test_looking_at_old_figures_has_them_read_at_once(self, desk, account):
        AccountBook.unscoped.update(balances_at=timezone.now() - timedelta(seconds=30), next_check_at=None)
        desk.get(PORTFOLIO)
        assert AccountBook.unscoped.get(account=account).next_check_at <= timezone.now()

    def test_it_shows_the_shape_of_things_until_the_first_answer(self, desk, account):
        AccountBook.unscoped.update(balances_at=None, positions_at=None)
        page = desk.get(PORTFOLIO).content.decode()
        assert "Asking AutoShares" in page
        assert "skeleton" in page
        assert 'hx-trigger="every 1s,' in page

    def test_it_says_what_is_wrong_and_keeps_the_last_numbers(self, desk):
        AccountBook.unscoped.update(error="AutoShares does not answer right now.")
        page = desk.get(PORTFOLIO).content.decode()
        assert "AutoShares does not answer right now." in page
        assert "last known numbers" in page
        assert "$48,745.99" in page

    def test_it_says_what_to_do_where_nothing_is_held(self, desk):
        assert "Find something to buy" in desk.get(PORTFOLIO).content.decode()

    def test_it_welcomes_somebody_without_an_account(self, harbor):
        page = seat(make_investor(harbor, "newcomer@demo.test")).get(PORTFOLIO)
        assert page.status_code == 200
        assert "no trading account yet" in page.content.decode()
        assert harbor.support_email in page.content.decode()

    def test_a_panel_whose_account_went_away_gives_way_to_the_page_that_says_so(self, desk):
        AccountLink.unscoped.update(is_current=False)
        for address in (PORTFOLIO, "/orders/", "/trade/"):
            assert desk.get(address, headers=HTMX)["HX-Redirect"] == PORTFOLIO

    def test_it_offers_the_other_accounts(self, dana, desk):
        assert "accounts-menu" not in desk.get(PORTFOLIO).content.decode()
        other = make_account(dana, 6413)
        page = desk.get(PORTFOLIO).content.decode()
        assert reverse("investors:account-select", args=[other.id]) in page

    def test_it_shows_the_account_that_was_chosen(self, dana, desk, account):
        other = make_account(dana, 6413)
        AccountBook.unscoped.filter(account=other).update(equity=Decimal(77))
        desk.post(reverse("investors:account-select", args=[other.id]))
        assert "$77.00" in desk.get(PORTFOLIO).content.decode()

    def test_it_asks_the_same_number_of_questions_for_one_position_and_for_many(
        self, desk, make_position, make_order, django_assert_max_num_queries
    ):
        for index in range(30):
            make_position(f"S{index}")
            make_order(symbol=f"S{index}")
        with django_assert_max_num_queries(16):
            desk.get(PORTFOLIO)

    def test_it_leads_strangers_to_the_sign_in_and_back(self, client):
        answer = client.get(PORTFOLIO)
        assert answer.status_code == 302
        assert answer["Location"] == "/sign-in/?next=%2Fportfolio%2F"

    def test_it_is_never_kept_by_a_browser(self, desk):
        assert desk.get(PORTFOLIO)["Cache-Control"] == "no-store"


class TestAccountStrip:
    def test_it_sums_up_the_account_on_trading_pages(self, desk):
        strip = desk.get(reverse("trading:account-strip"), headers=HTMX).content.decode()
        assert "$48,745.99" in strip
        assert "Open around the clock" in strip
        assert strip.strip() in desk.get("/orders/").content.decode()
