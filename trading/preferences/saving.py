"""Changing the settings that AutoShares keeps for an investor."""

from collections.abc import Mapping
from dataclasses import replace

from django.db.models import F

from investors.people import User
from trading.preferences.models import TradingPreferences
from trading.preferences.reading import ACTS, WORDS, keep_preferences
from trading.upstream import ask_autoshares


def save_preferences(user: User, wanted: Mapping[str, str]) -> None:
    """Have AutoShares keep `wanted` (act: a value of `TradingPreferences.Review`), the rest as it is. Two calls.

    AutoShares replaces all settings at once, so they are read first. While nobody knows whether they were saved our
    copy counts for nothing, and everything is reviewed. Raises OrderError.
    """
    settings = ask_autoshares(user, lambda client: client.settings.trading())
    words = {ACTS[act]: WORDS[TradingPreferences.Review(word)] for act, word in wanted.items()}
    changed = replace(settings, confirmations={**settings.confirmations, **words})
    TradingPreferences.unscoped.filter(user=user).update(read_at=None, version=F("version") + 1)
    keep_preferences(user, ask_autoshares(user, lambda client: client.settings.save_trading(changed)))
