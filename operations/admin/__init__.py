"""The back office, room by room. It stands above all apps, so that none of them has to know the admin."""

from operations.admin import agreements, brokers, people, risk, trading

__all__ = ["agreements", "brokers", "people", "risk", "trading"]
