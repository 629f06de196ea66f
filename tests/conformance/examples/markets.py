"""Securities, options, charts, news, streamers."""

from tests.conformance.cast import Cast
from tests.conformance.examples.example import Example, Maker, plain

AAPL, KO = 1, 37
WEEK = {
    "StartDate": 1_795_000_000, "EndDate": 1_795_600_000, "CandlesCount": 20, "Period": "1D", "Interval": -1,
    "IncludeNonMarketData": False,
}  # fmt: skip


def _option(cast: Cast) -> dict[str, object]:
    """Some option on AAPL."""
    page = cast.send("GET", "/options", pageNumber=0, pageSize=1, sortField="Id", desc="false")
    option: dict[str, object] = page["Result"][0]
    return option


def _of_symbol(symbol: str, **query: object) -> Maker:
    return lambda cast: Example({"symbol": symbol}, query)


EXAMPLES: dict[str, Maker] = {
    "GET /equities/lookup": plain(mask="AP", count=5),
    "GET /equities": plain(pageNumber=0, pageSize=20, sortField="Symbol", desc="false"),
    "GET /equities/{id}": lambda cast: Example({"id": AAPL}),
    "GET /equities/{symbol}": _of_symbol("AAPL"),
    "GET /equities/{symbol}/logo": _of_symbol("AAPL"),
    "GET /options": plain(pageNumber=0, pageSize=20, sortField="Symbol", desc="false"),
    "GET /options/{id}": lambda cast: Example({"id": _option(cast)["Id"]}),
    "GET /options/{symbol}": lambda cast: Example({"symbol": _option(cast)["Symbol"]}),
    "GET /options/optionChain/{symbol}": _of_symbol("AAPL", filter="Range = 3"),
    "GET /options/expirations": plain(underlying="AAPL"),
    "GET /currencyRate": plain(currency="EUR", targetCurrency="USD"),
    "PUT /history/symbols": plain(
        body={
            "Security": {"Symbol": "AAPL"},
            "SecurityHistorySettings": WEEK,
            "IndicatorsHistorySettings": [WEEK | {"Signature": "SMA|1D|false|5|0", "Offset": 0}],
        }
    ),
    "PUT /history/compare": plain(
        body={"Securities": [{"Symbol": "AAPL"}, {"Symbol": "KO"}], "SecuritiesHistorySettings": WEEK}
    ),
    "POST /history/export": plain(
        body={
            "Securities": [AAPL, KO],
            "Indicators": [{"Text": "Strength", "Name": "RSI", "Type": "lower", "Args": [10]}],
            "TimeFrame": {"StartDate": 1_795_000_000, "EndDate": 1_795_600_000, "CandlesCount": 20, "Period": "1D"},
            "DefaultFileName": "candles",
        }
    ),
    "GET /news": plain(symbol="AAPL"),
    "GET /news/corporate-actions": plain(symbol="AAPL"),
    "GET /streamers": plain(),
    "PUT /streamers/session/recover": plain(sessionType=0),
}  # fmt: skip
