"""Indicators of charts, by the names and with the usual arguments that the vendor documents (API fact sheet 5.6).

Each takes candles and numbers and gives one array per line; what cannot be known yet, at the beginning, is NaN. TA-Lib
does what it knows, the rest is written out here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import talib

from sandbox.exchange.bars import Bars
from sandbox.exchange.waves import Floats

LONGEST_LENGTH = 500
SIMPLE, EXPONENTIAL = talib.MA_Type.SMA, talib.MA_Type.EMA
SAR_STEP, SAR_MOST = 0.02, 0.2
# Volumes are large: in ease of movement they count in millions.
EOM_VOLUME = 1_000_000

type Lines = tuple[Floats, ...]


class IndicatorUnknown(Exception):
    """There is no such indicator, or not with these numbers."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """`usual` are its numbers where the client gives none, `lines` the names of what it gives."""

    usual: tuple[float, ...]
    lines: tuple[str, ...]
    work_out: Callable[..., Lines | Floats]


def indicator_lines(name: str, numbers: list[float], bars: Bars) -> dict[str, Floats]:
    """The lines of an indicator by their names, as long as the candles. Raises IndicatorUnknown."""
    indicator = INDICATORS.get(name.strip().lower())
    if indicator is None:
        raise IndicatorUnknown(name)
    given = [*numbers, *indicator.usual[len(numbers) :]][: len(indicator.usual)]
    if not all(0 <= number <= LONGEST_LENGTH for number in given):
        raise IndicatorUnknown(name)
    if not len(bars):
        return {line: np.zeros(0) for line in indicator.lines}
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = indicator.work_out(bars, *(int(number) if number % 1 == 0 else number for number in given))
    except Exception as refused:  # TA-Lib has no type of its own for numbers that it does not like
        raise IndicatorUnknown(name) from refused
    return dict(zip(indicator.lines, found if isinstance(found, tuple) else (found,), strict=True))


def _over(length: int, values: Floats, function: Callable[..., Floats]) -> Floats:
    """A function of the last `length` values, at each place."""
    if length < 1:
        raise ValueError(length)
    if len(values) < length:
        return np.full(len(values), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(values, length)
    return np.concatenate([np.full(length - 1, np.nan), function(windows, axis=1)])


def _sum(length: int, values: Floats) -> Floats:
    return _over(length, values, np.sum)


def _ema(values: Floats, length: int) -> Floats:
    return values if length == 1 else np.asarray(talib.EMA(values, length))


def _before(values: Floats, length: int) -> Floats:
    """The value of `length` candles ago."""
    return np.concatenate([np.full(min(length, len(values)), np.nan), values[: max(len(values) - length, 0)]])


def _typical(bars: Bars) -> Floats:
    return (bars.high + bars.low + bars.close) / 3


def _traded(bars: Bars) -> Floats:
    return bars.volume.astype(float)


def _bollinger(bars: Bars, length: int, width: float) -> Lines:
    upper, middle, lower = talib.BBANDS(bars.close, length, width, width)
    return upper, middle, lower


def _keltner(bars: Bars, length: int, range_length: int, width: float) -> Lines:
    middle = _ema(bars.close, length)
    reach = width * talib.ATR(bars.high, bars.low, bars.close, range_length)
    return middle + reach, middle, middle - reach


def _sar(bars: Bars, step: float, most: float) -> Floats:
    return np.asarray(talib.SAR(bars.high, bars.low, SAR_STEP * step, SAR_MOST * most))


def _vwap(bars: Bars, length: int, width: float) -> Lines:
    typical, volume = _typical(bars), _traded(bars)
    total = _sum(length, volume)
    average = _sum(length, typical * volume) / total
    spread = np.sqrt(np.maximum(_sum(length, typical**2 * volume) / total - average**2, 0)) * width
    return average + spread, average, average - spread


def _adx(bars: Bars, length: int) -> Lines:
    candles = bars.high, bars.low, bars.close, length
    return talib.ADX(*candles), talib.PLUS_DI(*candles), talib.MINUS_DI(*candles)


def _money_flow_ratio(bars: Bars, length: int) -> Floats:
    reach = bars.high - bars.low
    place = np.where(reach > 0, (2 * bars.close - bars.high - bars.low) / np.where(reach > 0, reach, 1), 0.0)
    volume = _traded(bars)
    return _sum(length, place * volume) / _sum(length, volume)


def _chaikin_volatility(bars: Bars, length: int) -> Floats:
    reach = _ema(bars.high - bars.low, length)
    before = _before(reach, length)
    return (reach - before) / before * 100


def _ease_of_movement(bars: Bars, length: int) -> Floats:
    middle = (bars.high + bars.low) / 2
    volume = np.where(bars.volume > 0, bars.volume, 1) / EOM_VOLUME
    ease = (middle - _before(middle, 1)) * (bars.high - bars.low) / volume
    return np.asarray(talib.SMA(ease, length))


def _bulls_and_bears(bars: Bars, length: int) -> Lines:
    average = _ema(bars.close, length)
    return bars.high - average, bars.low - average


def _elliott(bars: Bars, fast: int, slow: int) -> Floats:
    middle = (bars.high + bars.low) / 2
    return np.asarray(talib.SMA(middle, fast) - talib.SMA(middle, slow))


def _intraday_momentum(bars: Bars, length: int) -> Floats:
    rise = bars.close - bars.open
    up, down = _sum(length, np.maximum(rise, 0)), _sum(length, np.maximum(-rise, 0))
    return 100 * up / (up + down)


def _klinger(bars: Bars, fast: int, slow: int, signal: int) -> Lines:
    """Volume force with the trend of the typical price."""
    typical = _typical(bars)
    trend = np.where(typical >= _before(typical, 1), 1.0, -1.0)
    force = _traded(bars) * trend
    line = _ema(force, fast) - _ema(force, slow)
    return line, _ema(line, signal)


def _macd(bars: Bars, fast: int, slow: int, signal: int) -> Lines:
    line, average, difference = talib.MACD(bars.close, fast, slow, signal)
    return line, average, difference


def _with_signal(line: Floats, signal: int) -> Lines:
    average = _ema(line, signal)
    return line, average, line - average


def _stochastic_momentum(bars: Bars, length: int) -> Floats:
    high, low = _over(length, bars.high, np.max), _over(length, bars.low, np.min)
    distance, reach = bars.close - (high + low) / 2, high - low
    smoothed = [_ema(_ema(values, length), length) for values in (distance, reach)]
    return 200 * smoothed[0] / smoothed[1]


def _stochastic(bars: Bars, length: int, slowing: int, signal: int) -> Lines:
    return tuple(talib.STOCH(bars.high, bars.low, bars.close, length, slowing, SIMPLE, signal, SIMPLE))


def _stochastic_rsi(bars: Bars, length: int, slowing: int, signal: int) -> Lines:
    strength = talib.RSI(bars.close, length)
    return tuple(talib.STOCH(strength, strength, strength, length, slowing, SIMPLE, signal, SIMPLE))


_BAND, _OSCILLATOR, _FAST_AND_SLOW = ("upper", "middle", "lower"), ("line", "signal", "histogram"), ("k", "d")

# By name in small letters.
INDICATORS: dict[str, Indicator] = {
    "bollinger": Indicator((22, 2), _BAND, _bollinger),
    "ema": Indicator((10,), ("ema",), lambda bars, length: _ema(bars.close, length)),
    "sma": Indicator((10,), ("sma",), lambda bars, length: talib.SMA(bars.close, length)),
    "keltnerchannels": Indicator((20, 10, 2), _BAND, _keltner),
    "sar": Indicator((1, 1), ("sar",), _sar),
    "vwap": Indicator((10, 2), _BAND, _vwap),
    "adx": Indicator((10,), ("adx", "plus", "minus"), _adx),
    "atr": Indicator((10,), ("atr",), lambda bars, length: talib.ATR(bars.high, bars.low, bars.close, length)),
    "cmf": Indicator((10,), ("cmf",), _money_flow_ratio),
    "chv": Indicator((10,), ("chv",), _chaikin_volatility),
    "cmo": Indicator((10,), ("cmo",), lambda bars, length: talib.CMO(bars.close, length)),
    "eom": Indicator((14,), ("eom",), _ease_of_movement),
    "bullsbears": Indicator((12,), ("bulls", "bears"), _bulls_and_bears),
    "ewo": Indicator((5, 35), ("ewo",), _elliott),
    "imi": Indicator((14,), ("imi",), _intraday_momentum),
    "kvo": Indicator((34, 55, 13), ("line", "signal"), _klinger),
    "macd": Indicator((12, 26, 9), _OSCILLATOR, _macd),
    "momentum": Indicator((10,), ("momentum",), lambda bars, length: talib.MOM(bars.close, length)),
    "moneyflow": Indicator(
        (10,), ("mfi",), lambda bars, length: talib.MFI(bars.high, bars.low, bars.close, _traded(bars), length)
    ),
    "obv": Indicator((), ("obv",), lambda bars: talib.OBV(bars.close, _traded(bars))),
    "ppo": Indicator(
        (9, 18, 9),
        _OSCILLATOR,
        lambda bars, fast, slow, signal: _with_signal(talib.PPO(bars.close, fast, slow, EXPONENTIAL), signal),
    ),
    "po": Indicator(
        (9, 18, 9),
        _OSCILLATOR,
        lambda bars, fast, slow, signal: _with_signal(talib.APO(bars.close, fast, slow, EXPONENTIAL), signal),
    ),
    "roc": Indicator((10,), ("roc",), lambda bars, length: talib.ROC(bars.close, length)),
    "rsi": Indicator((10,), ("rsi",), lambda bars, length: talib.RSI(bars.close, length)),
    "stddev": Indicator((10,), ("stddev",), lambda bars, length: talib.STDDEV(bars.close, length)),
    "smi": Indicator((3,), ("smi",), _stochastic_momentum),
    "stochrsi": Indicator((14, 3, 3), _FAST_AND_SLOW, _stochastic_rsi),
    "stochastic": Indicator((14, 3, 3), _FAST_AND_SLOW, _stochastic),
    "williamsr": Indicator(
        (10,), ("williamsr",), lambda bars, length: talib.WILLR(bars.high, bars.low, bars.close, length)
    ),
}
