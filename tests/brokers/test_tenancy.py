"""The host picks the broker; nothing of one broker is seen at another."""

import pytest
from django.contrib.auth import get_user_model

from brokers.scoping import BrokerScopeMissing, broker_scope
from investors.accounts.models import TradingAccount


def account_of(broker, number: int) -> TradingAccount:
    return TradingAccount.unscoped.create(broker=broker, vendor_account_id=number, number=str(number))


class TestScope:
    def test_a_query_without_a_scope_raises(self, db):
        with pytest.raises(BrokerScopeMissing):
            TradingAccount.objects.count()

    def test_a_scope_sees_its_own_rows_alone(self, harbor, northwind):
        ours, _theirs = account_of(harbor, 1), account_of(northwind, 2)
        with broker_scope(harbor):
            assert list(TradingAccount.objects.all()) == [ours]

    def test_a_new_row_belongs_to_the_broker_of_the_scope(self, harbor, northwind):
        with broker_scope(northwind):
            assert TradingAccount.objects.create(vendor_account_id=3, number="3").broker == northwind

    def test_a_scope_ends_with_its_block_even_after_an_error(self, harbor):
        with pytest.raises(ZeroDivisionError), broker_scope(harbor):
            _ = 1 / 0
        with pytest.raises(BrokerScopeMissing):
            TradingAccount.objects.count()


class TestHost:
    def test_it_shows_each_broker_at_its_own_host(self, harbor, northwind, browser_at):
        assert "Harbor Street" in browser_at("localhost").get("/").content.decode()
        page = browser_at("northwind.localhost").get("/").content.decode()
        assert "Northwind" in page
        assert "Harbor Street" not in page

    @pytest.mark.parametrize("host", ["unknown.localhost", "evil.example", "localhost.", "localhost.evil.example"])
    def test_it_refuses_a_host_of_nobody(self, harbor, browser_at, host, settings):
        settings.ALLOWED_HOSTS = ["*"]
        assert browser_at(host).get("/").status_code == 400

    def test_it_refuses_the_host_of_a_broker_that_was_switched_off(self, harbor, client):
        harbor.is_active = False
        harbor.save()
        assert client.get("/").status_code == 400

    def test_it_ignores_a_forwarded_host(self, harbor, northwind, client):
        page = client.get("/", headers={"x-forwarded-host": "northwind.localhost"}).content.decode()
        assert "Harbor Street" in page

    def test_it_tells_caches_that_the_answer_depends_on_the_host(self, client):
        assert "Host" in client.get("/").headers["Vary"]


class TestBrand:
    def test_each_broker_has_a_sheet_of_its_own_that_never_changes(self, harbor, northwind, browser_at):
        northwind.theme = {
            "light": {"accent": "#223344"},
            "dark": {"accent": "#ccddee"},
            "shape": {"radius-panel": "0"},
        }
        northwind.save()
        url = f"/brand.{northwind.stylesheet.version}.css"
        answer = browser_at("northwind.localhost").get(url)
        assert "light-dark(#223344, #ccddee)" in answer.content.decode()
        assert "immutable" in answer.headers["Cache-Control"]
        assert browser_at("localhost").get(url).status_code == 404

    @pytest.mark.parametrize(
        "theme",
        [
            {"light": {"accent": "red; } body { display: none"}},
            {"light": {"accent": "url(https://evil.example)"}},
            {"light": {"unknown": "#000000"}},
            {"extra": {}},
            {"light": {"accent": "#223344"}},
            {"shape": {"font-text": "x; } @import 'evil'"}},
        ],
    )
    def test_a_theme_is_token_values_and_nothing_else(self, harbor, theme):
        harbor.theme = theme
        with pytest.raises(Exception, match=r"theme|token"):
            harbor.full_clean()


def test_a_user_of_one_broker_is_nobody_at_another(harbor, northwind, browser_at):
    user = get_user_model().objects.create_user("harbor:1", "a@example.test", broker=harbor)
    browser = browser_at("northwind.localhost")
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/portfolio/").status_code in {302, 404}
    assert browser.get("/").status_code == 200  # the landing page of a stranger, not a redirect to a portfolio
