"""Candles, indicators and levels."""

from __future__ import annotations

import math
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.clock import iso
from sandbox.exchange.bars import Bars
from sandbox.exchange.levels import Levels
from sandbox.exchange.listing import Security
from sandbox.exchange.market import Market
from sandbox.exchange.prices import STEP_MS
from sandbox.exchange.volumes import open_interest
from sandbox.exchange.waves import Floats

DECIMALS = 6


def candle_rows(market: Market, security: Security, bars: Bars) -> list[dict[str, Any]]:
    """Oldest first."""
    interest = open_interest(market.seed, security) if security.is_option else 0
    return [
        {
            "Time": time,
            "DateTime": iso(time * STEP_MS),
            "Open": opened,
            "High": high,
            "Low": low,
            "Close": close,
            "Volume": volume,
            "OpenInterest": interest,
            "IsMarket": is_market,
            "ValuationLevels": [],
        }
        for time, opened, high, low, close, volume, is_market in bars.rows()
    ]


def compared_rows(market: Market, security: Security, bars: Bars) -> list[dict[str, Any]]:
    """Candles, with the price and its difference from the first one in percent (C47)."""
    rows = candle_rows(market, security, bars)
    for row in rows:
        row["Price"] = row["Close"]
        row["Difference"] = round((row["Close"] / rows[0]["Close"] - 1) * 100, 4) if rows[0]["Close"] else 0
    return rows


def indicator_rows(times: list[int], lines: list[Floats]) -> list[dict[str, Any]]:
    """Newest first, without those that are not known."""
    columns = [line.tolist() for line in lines]
    rows = [
        {"Date": time, "Values": [round(value, DECIMALS) for value in values]}
        for time, *values in zip(times, *columns, strict=True)
        if all(math.isfinite(value) for value in values)
    ]
    return rows[::-1]


def levels(found: Levels) -> dict[str, Any]:
    return without_nulls(
        {
            "SupportPrice": found.support,
            "ResistancePrice": found.resistance,
            "Levels": [
                {
                    "TopPrice": level.top,
                    "BottomPrice": level.bottom,
                    "RedCandles": level.red,
                    "GreenCandles": level.green,
                }
                for level in found.levels
            ],
        }
    )
