"""Search as you type, and the price that comes with a preview."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from trading.securities.models import Quote, Security, SecuritySearch
from trading.securities.quoting import refresh_quote, want_quote
from trading.securities.searching import look_up_securities, search_securities

PREVIEW_PATH = "/api/v1.0/accounts/*/preview/orders"


def answer(text: str, trader) -> None:
    """What the task does with the question."""
    look_up_securities(SecuritySearch.objects.get(mask=text.upper()).pk, str(trader.pk))


@pytest.fixture
def apple(trader):
    search_securities("AAPL", user=trader)
    answer("AAPL", trader)
    return Security.objects.get(symbol="AAPL")


class TestSearch:
    def test_it_asks_autoshares_once_and_finds(self, trader, book):
        first = search_securities("aap", user=trader)
        assert (first.securities, first.is_pending) == ([], True)
        answer("aap", trader)
        found = search_securities("AAP ", user=trader)
        assert not found.is_pending
        assert found.securities[0].symbol == "AAPL"
        assert book.asked("GET", ending="/equities/lookup") == 1

    def test_it_finds_by_name(self, trader):
        search_securities("microsoft", user=trader)
        answer("microsoft", trader)
        [found] = search_securities("Microsoft", user=trader).securities
        assert (found.symbol, found.tick_size, found.is_tradable) == ("MSFT", Decimal("0.01"), True)

    @pytest.mark.parametrize("text", ["", "   ", "\x00", "\n"])
    def test_it_has_nothing_to_say_to_nothing(self, trader, text):
        assert search_securities(text, user=trader).securities == []
        assert not SecuritySearch.objects.exists()

    @pytest.mark.parametrize("text", ["O'Reilly %_", "x" * 500, "ａｐｐｌｅ", "a\x00b"])
    def test_it_takes_whatever_is_typed(self, trader, text):
        assert search_securities(text, user=trader).is_pending
        look_up_securities(SecuritySearch.objects.get().pk, str(trader.pk))

    def test_it_stops_waiting_when_no_answer_comes(self, trader):
        search_securities("aap", user=trader)
        SecuritySearch.objects.update(asked_at=timezone.now() - timedelta(seconds=6))
        assert not search_securities("aap", user=trader).is_pending

    def test_it_asks_again_after_a_failure(self, trader, book):
        book.spoil("status", method="GET", path="/api/v1.0/equities/lookup", status=503, count=3)
        search_securities("aap", user=trader)
        answer("aap", trader)
        SecuritySearch.objects.update(asked_at=timezone.now() - timedelta(seconds=16))
        assert search_securities("aap", user=trader).is_pending
        answer("aap", trader)
        assert search_securities("aap", user=trader).securities

    def test_it_asks_again_the_next_day(self, trader, apple):
        yesterday = timezone.now() - timedelta(days=1, seconds=1)
        SecuritySearch.objects.update(asked_at=yesterday, answered_at=yesterday)
        result = search_securities("AAPL", user=trader)
        assert result.is_pending
        assert result.securities[0] == apple

    def test_it_keeps_the_brokers_apart(self, trader, apple, northwind):
        from brokers.scoping import broker_scope

        with broker_scope(northwind):
            assert search_securities("AAPL", user=trader).securities == []
            look_up_securities(SecuritySearch.objects.get().pk, str(trader.pk))  # not this broker's investor
            assert search_securities("AAPL", user=trader).securities == []


class TestQuote:
    def test_it_comes_with_a_preview_and_places_nothing(self, trader, apple, book):
        assert want_quote(apple, user=trader).last is None
        refresh_quote(apple.pk, str(trader.pk))
        quote = want_quote(apple, user=trader)
        assert quote.bid < quote.ask
        assert quote.last > 0
        assert quote.previous_close > 0
        assert quote.as_of is not None
        assert quote.error == ""
        assert book.orders() == []

    def test_it_has_one_refresh_under_way(self, trader, apple):
        first = want_quote(apple, user=trader).asked_at
        assert first is not None
        assert want_quote(apple, user=trader).asked_at == first
        Quote.objects.update(asked_at=timezone.now() - timedelta(seconds=6))
        assert want_quote(apple, user=trader).asked_at > first

    def test_it_leaves_a_fresh_quote_alone(self, trader, apple):
        want_quote(apple, user=trader)
        refresh_quote(apple.pk, str(trader.pk))
        assert want_quote(apple, user=trader).asked_at is None

    def test_it_keeps_the_old_price_and_says_why(self, trader, apple, book):
        want_quote(apple, user=trader)
        refresh_quote(apple.pk, str(trader.pk))
        before = Quote.objects.get().last
        book.spoil("status", path=PREVIEW_PATH, status=503, count=3)
        refresh_quote(apple.pk, str(trader.pk))
        quote = Quote.objects.get()
        assert (quote.last, quote.error) == (before, "AutoShares does not answer.")

    def test_it_follows_the_price(self, trader, apple, book):
        book.price("AAPL", "321.00")
        want_quote(apple, user=trader)
        refresh_quote(apple.pk, str(trader.pk))
        assert Quote.objects.get().last == Decimal("321.00")
