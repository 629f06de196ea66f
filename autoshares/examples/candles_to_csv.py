"""Write the last daily candles of a ticker as CSV, oldest first.

    python -m autoshares.examples.candles_to_csv AAPL --count 250 > aapl.csv

The environment says where and who: see signing_in.py. Prices stay exact.
"""

import argparse
import csv
import sys

from autoshares import CandlePeriod, ChartSpan
from autoshares.examples.signing_in import client_from_environment

COLUMNS = ("day", "open", "high", "low", "close", "volume")


def main(symbol: str, count: int) -> None:
    chart = client_from_environment().history.candles(symbol, ChartSpan(period=CandlePeriod.DAY, count=count))
    table = csv.writer(sys.stdout)
    table.writerow(COLUMNS)
    for candle in chart.candles:
        day = candle.opens_at.date() if candle.opens_at else ""
        table.writerow((day, candle.open, candle.high, candle.low, candle.close, candle.volume))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("symbol")
    parser.add_argument("--count", type=int, default=100)
    arguments = parser.parse_args()
    main(arguments.symbol, arguments.count)
