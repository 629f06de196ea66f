"""Chart history: candles with indicators, comparisons, and the same as a workbook."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from sandbox.api.answers import answer
from sandbox.api.bodies import Resource, read_body
from sandbox.api.errors import ApiError, model_invalid, unexpected
from sandbox.api.numbers import Int32
from sandbox.api.shapes import history as shapes
from sandbox.api.workbooks import Sheet, workbook
from sandbox.dependencies import WorldHere
from sandbox.exchange.bars import Bars
from sandbox.exchange.candles import MOST_CANDLES, PERIODS_OF_CANDLES, Range, candles
from sandbox.exchange.indicators import IndicatorUnknown, indicator_lines
from sandbox.exchange.levels import levels_of
from sandbox.exchange.market import Market
from sandbox.exchange.securities import Security, find_by_id, find_security
from sandbox.exchange.spans import CUSTOM, Span, SpanUnclear
from sandbox.exchange.waves import Floats

router = APIRouter(prefix="/v1.0/history")

type Charts = Callable[[Range], Bars]

MOST_SECURITIES, MOST_INDICATORS = 20, 40
# So many candles before the chart begins are looked at, so that its first indicators are known.
CANDLES_BEFORE = 250
FILE_NAME = "ChartData"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Signature(Resource):
    symbol: str | None = None


class HistorySettings(Resource):
    """All members have to be there."""

    start_date: Int32 | None = None
    end_date: Int32 | None = None
    candles_count: Int32 | None = None
    period: str | None = None
    interval: Int32 | None = None
    include_non_market_data: bool | None = None

    def range(self, market: Market, *, period: str | None = None) -> Range:
        """Raises ApiError 500 (E4) if something is missing, 409 if it makes no sense."""
        start, end, count, interval = self.start_date, self.end_date, self.candles_count, self.interval
        outside, own_period = self.include_non_market_data, self.period
        if start is None or end is None or count is None or interval is None or outside is None or own_period is None:
            raise unexpected()
        try:
            return Span(start, end, count, period or own_period, interval, outside).read(market.now_ms())
        except SpanUnclear:
            raise ApiError(409) from None


class IndicatorSettings(HistorySettings):
    signature: str | None = None
    offset: Int32 = 0


class ChartRequest(Resource):
    security: Signature | None = None
    security_history_settings: HistorySettings | None = None
    indicators_history_settings: Annotated[list[IndicatorSettings], Field(max_length=MOST_INDICATORS)] | None = None


class CompareRequest(Resource):
    securities: Annotated[list[Signature], Field(max_length=MOST_SECURITIES)] | None = None
    securities_history_settings: HistorySettings | None = None


@router.put("/symbols")
async def chart(request: Request, world: WorldHere) -> Response:
    body = await read_body(request, ChartRequest)
    if body.security is None or body.security_history_settings is None or body.indicators_history_settings is None:
        raise unexpected()
    market, security = world.market, _security_of(body.security)
    charts = _charts_of(market, security)
    bars = charts(body.security_history_settings.range(market))
    indicators = [_indicator(market, charts, settings) for settings in body.indicators_history_settings]
    return answer(
        {
            "SecurityHistory": [shapes.candle_rows(market, security, bars)],
            "IndicatorsHistory": indicators,
            "SupportResistanceHistory": shapes.levels(levels_of(bars)),
        }
    )


def _security_of(signature: Signature) -> Security:
    if signature.symbol is None:
        raise unexpected()
    security = find_security(signature.symbol)
    if security is None:
        raise ApiError(409)
    return security


def _charts_of(market: Market, security: Security) -> Charts:
    """Candles of a security by their range, for one request: indicators ask for the same ones."""
    return cache(lambda wanted: candles(market.tape, security, wanted, now_ms=market.now_ms()))


def _indicator(market: Market, charts: Charts, settings: IndicatorSettings) -> list[dict[str, Any]]:
    """Newest first; what cannot be known yet is left out. `Offset` leaves out the newest."""
    if settings.signature is None:
        raise unexpected()
    name, period, numbers = _read_signature(settings.signature)
    times, lines = _lines(charts, settings.range(market, period=period), name, numbers)
    return shapes.indicator_rows(times, list(lines.values()))[max(settings.offset, 0) :]


def _read_signature(text: str) -> tuple[str, str | None, list[float]]:
    """Name, period if there is one, and numbers of `MACD|4h|false|12|26|9`."""
    name, *rest = text.split("|")
    period = next((part for part in rest if part in PERIODS_OF_CANDLES), None)
    numbers = [part for part in rest if part and part not in (*PERIODS_OF_CANDLES, "true", "false")]
    if not all(re.fullmatch(r"\d{1,6}(\.\d{1,6})?", number) for number in numbers):
        raise ApiError(409)
    return name, period, [float(number) for number in numbers]


def _lines(charts: Charts, wanted: Range, name: str, numbers: list[float]) -> tuple[list[int], dict[str, Floats]]:
    """The times of the candles wanted, and the lines of an indicator at them. Raises ApiError 409."""
    shown = charts(wanted)
    before = Range(wanted.period, 0, wanted.until_ms, min(len(shown) + CANDLES_BEFORE, MOST_CANDLES), wanted.outside)
    bars = charts(before)
    try:
        lines = indicator_lines(name, numbers, bars)
    except IndicatorUnknown:
        raise ApiError(409) from None
    cut = slice(len(bars) - len(shown), None)
    return shown.time.tolist(), {line: values[cut] for line, values in lines.items()}


@router.put("/compare")
async def compare(request: Request, world: WorldHere) -> Response:
    body = await read_body(request, CompareRequest)
    if body.securities is None or body.securities_history_settings is None:
        raise unexpected()
    market, wanted = world.market, body.securities_history_settings.range(world.market)
    securities = [_security_of(signature) for signature in body.securities]
    return answer(
        [
            shapes.compared_rows(market, each, _charts_of(market, each)(_share(wanted, securities)))
            for each in securities
        ]
    )


def _share(wanted: Range, securities: list[Security]) -> Range:
    """All of them together have no more candles than one chart may have."""
    most = min(wanted.most, MOST_CANDLES // len(securities))
    return Range(wanted.period, wanted.from_ms, wanted.until_ms, most, wanted.outside)


class ExportIndicator(Resource):
    text: str | None = None
    name: str | None = None
    args: list[Any] = []


class TimeFrame(Resource):
    start_date: Int32 | None = None
    end_date: Int32 | None = None
    candles_count: Int32 | None = None
    period: str | None = None
    include_non_market_data: bool = False


class ExportRequest(Resource):
    securities: Annotated[list[Int32], Field(max_length=MOST_SECURITIES)] | None = None
    indicators: Annotated[list[ExportIndicator], Field(max_length=MOST_INDICATORS)] = []
    time_frame: TimeFrame | None = None
    default_file_name: str = FILE_NAME


@router.post("/export")
async def export(request: Request, world: WorldHere) -> Response:
    """One sheet per security. What cannot be provided is 422 here, since the contract knows no 409 for it."""
    body = await read_body(request, ExportRequest, param="settings")
    frame = body.time_frame
    if not body.securities or frame is None:
        raise unexpected()
    settings = HistorySettings.model_validate(frame.model_dump(by_alias=True) | {"Interval": CUSTOM})
    try:
        wanted = settings.range(world.market)
        sheets = [_sheet(world.market, id, wanted, body) for id in dict.fromkeys(body.securities)]
    except ApiError as refused:
        raise model_invalid("", param="settings") if refused.status == 409 else refused from None
    name = re.sub(r"[^\w .-]", "_", body.default_file_name, flags=re.ASCII)[:100].strip() or FILE_NAME
    headers = {"Content-Disposition": f'attachment; filename="{name.removesuffix(".xlsx")}.xlsx"'}
    return Response(workbook(sheets, made_ms=world.market.now_ms()), media_type=XLSX, headers=headers)


def _sheet(market: Market, id: int, wanted: Range, body: ExportRequest) -> Sheet:
    security = find_by_id(id)
    if security is None:
        raise ApiError(409)
    charts, wanted = _charts_of(market, security), _share(wanted, [security] * len(body.securities or []))
    columns: dict[str, list[float]] = {}
    for indicator in body.indicators:
        numbers = [float(number) for number in indicator.args if isinstance(number, int | Decimal)]
        _, lines = _lines(charts, wanted, indicator.name or "", numbers)
        for line, values in lines.items():
            title = indicator.text or indicator.name or ""
            columns[title if len(lines) == 1 else f"{title} {line}"] = values.tolist()
    return Sheet(security.symbol, charts(wanted), columns)
