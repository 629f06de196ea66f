from datetime import UTC, datetime, timedelta, timezone

import pytest

from autoshares import filters


class TestConditions:
    def test_they_are_written_as_the_vendor_reads_them(self):
        moment = datetime(2026, 5, 4, 16, 0, tzinfo=timezone(timedelta(hours=2)))
        assert filters.equals("Symbol", "AAPL") == "Symbol = 'AAPL'"
        assert filters.equals("SeriesId", 7) == "SeriesId = 7"
        assert filters.equals("Enabled", True) == "Enabled = true"
        assert filters.is_one_of("Symbol", ["AAPL", "V"]) == "Symbol in ('AAPL','V')"
        assert filters.is_one_of("Status", [0, 10]) == "Status in (0,10)"
        assert filters.since("Date", moment) == "Date >= #2026-05-04T14:00:00#"
        assert filters.until("Date", moment) == "Date <= #2026-05-04T14:00:00#"

    def test_what_is_not_asked_for_is_no_condition(self):
        nothing = (filters.equals("A", None), filters.equals("A", ""), filters.is_one_of("A", []))
        assert {*nothing, filters.since("A", None), filters.until("A", None)} == {""}
        assert filters.all_of("", "A = 1", "", "B = 2") == "A = 1 and B = 2"
        assert filters.equals("A", 0) == "A = 0"

    @pytest.mark.parametrize("text", ["O'Neill", "' or 1 = 1"])
    def test_a_quote_is_refused(self, text):
        with pytest.raises(ValueError, match="quote"):
            filters.equals("Name", text)
        with pytest.raises(ValueError, match="quote"):
            filters.is_one_of("Name", [text])

    def test_a_moment_needs_a_zone(self):
        with pytest.raises(ValueError, match="zone"):
            filters.since("Date", datetime(2026, 5, 4, tzinfo=UTC).replace(tzinfo=None))
