"""Some sixty well-known American stocks and funds, and a few mutual funds. Prices are plausible starting points, not
market data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox.exchange import scripted

OPTIONABLE = ("CommonStock", "ETF")


@dataclass(frozen=True, slots=True)
class Security:
    """A listed security. `price` is where its walk starts, `spread_ticks` the usual distance of bid and ask,
    `volatility` the usual change of a day as a fraction.

    The last four are there for options alone: `underlying` is a ticker, `option_type` Call or Put. Their price follows
    the underlying (see `pricing.py`), whose volatility they carry. One contract is `contract_size` shares; prices are
    per share.
    """

    id: int
    symbol: str
    name: str
    mic: str
    type: str
    industry: str
    price: Decimal
    spread_ticks: int
    volatility: float
    tick: Decimal = Decimal("0.01")
    contract_size: Decimal = Decimal(1)
    underlying: str | None = None
    option_type: str | None = None
    strike: Decimal | None = None
    expiration: date | None = None

    @property
    def precision(self) -> int:
        return -int(self.tick.as_tuple().exponent)

    @property
    def is_option(self) -> bool:
        return self.option_type is not None

    @property
    def is_fund(self) -> bool:
        """A mutual fund: it has one price a day, and does not trade on the exchange."""
        return self.type == "MutualFund"


# symbol | name | listing | type | industry | price | spread in ticks | daily volatility in percent
_LISTING = """
AAPL|Apple Inc.|XNAS|CommonStock|Consumer Electronics|268.50|2|1.5
MSFT|Microsoft Corporation|XNAS|CommonStock|Software|512.30|4|1.4
NVDA|NVIDIA Corporation|XNAS|CommonStock|Semiconductors|186.20|2|2.6
GOOGL|Alphabet Inc. Class A|XNAS|CommonStock|Internet Content|276.40|3|1.8
AMZN|Amazon.com, Inc.|XNAS|CommonStock|Internet Retail|234.70|2|1.8
META|Meta Platforms, Inc.|XNAS|CommonStock|Internet Content|628.10|7|2.0
TSLA|Tesla, Inc.|XNAS|CommonStock|Auto Manufacturers|428.60|6|3.4
AVGO|Broadcom Inc.|XNAS|CommonStock|Semiconductors|352.80|6|2.5
NFLX|Netflix, Inc.|XNAS|CommonStock|Entertainment|111.90|2|1.9
AMD|Advanced Micro Devices, Inc.|XNAS|CommonStock|Semiconductors|236.40|3|3.1
INTC|Intel Corporation|XNAS|CommonStock|Semiconductors|37.20|1|2.8
CSCO|Cisco Systems, Inc.|XNAS|CommonStock|Communication Equipment|76.30|1|1.2
ADBE|Adobe Inc.|XNAS|CommonStock|Software|332.50|6|1.8
QCOM|QUALCOMM Incorporated|XNAS|CommonStock|Semiconductors|173.90|3|1.9
TXN|Texas Instruments Incorporated|XNAS|CommonStock|Semiconductors|162.80|3|1.7
COST|Costco Wholesale Corporation|XNAS|CommonStock|Discount Stores|914.20|18|1.2
PEP|PepsiCo, Inc.|XNAS|CommonStock|Beverages|145.60|2|1.0
SBUX|Starbucks Corporation|XNAS|CommonStock|Restaurants|86.40|1|1.7
AMGN|Amgen Inc.|XNAS|CommonStock|Biotechnology|336.70|7|1.3
GILD|Gilead Sciences, Inc.|XNAS|CommonStock|Biotechnology|124.30|2|1.4
PYPL|PayPal Holdings, Inc.|XNAS|CommonStock|Credit Services|63.10|1|2.2
ABNB|Airbnb, Inc.|XNAS|CommonStock|Travel Services|118.90|2|2.1
MRVL|Marvell Technology, Inc.|XNAS|CommonStock|Semiconductors|88.40|2|3.3
PLTR|Palantir Technologies Inc.|XNAS|CommonStock|Software|172.60|3|3.6
JPM|JPMorgan Chase & Co.|XNYS|CommonStock|Banks|309.40|4|1.3
BAC|Bank of America Corporation|XNYS|CommonStock|Banks|52.80|1|1.4
WFC|Wells Fargo & Company|XNYS|CommonStock|Banks|85.70|1|1.5
GS|The Goldman Sachs Group, Inc.|XNYS|CommonStock|Capital Markets|792.30|20|1.6
V|Visa Inc. Class A|XNYS|CommonStock|Credit Services|334.20|4|1.1
MA|Mastercard Incorporated|XNYS|CommonStock|Credit Services|542.60|9|1.1
BRK.B|Berkshire Hathaway Inc. Class B|XNYS|CommonStock|Insurance|506.90|6|0.9
JNJ|Johnson & Johnson|XNYS|CommonStock|Drug Manufacturers|203.80|2|0.9
PFE|Pfizer Inc.|XNYS|CommonStock|Drug Manufacturers|25.60|1|1.3
MRK|Merck & Co., Inc.|XNYS|CommonStock|Drug Manufacturers|97.80|1|1.3
LLY|Eli Lilly and Company|XNYS|CommonStock|Drug Manufacturers|1018.40|28|2.0
UNH|UnitedHealth Group Incorporated|XNYS|CommonStock|Healthcare Plans|318.70|5|1.9
KO|The Coca-Cola Company|XNYS|CommonStock|Beverages|71.20|1|0.8
PG|The Procter & Gamble Company|XNYS|CommonStock|Household Products|148.30|2|0.9
WMT|Walmart Inc.|XNYS|CommonStock|Discount Stores|103.40|1|1.1
HD|The Home Depot, Inc.|XNYS|CommonStock|Home Improvement|348.90|6|1.3
MCD|McDonald's Corporation|XNYS|CommonStock|Restaurants|307.50|4|0.9
NKE|NIKE, Inc.|XNYS|CommonStock|Footwear|63.80|1|1.8
DIS|The Walt Disney Company|XNYS|CommonStock|Entertainment|105.70|1|1.5
BA|The Boeing Company|XNYS|CommonStock|Aerospace|187.60|4|1.9
CAT|Caterpillar Inc.|XNYS|CommonStock|Farm Machinery|561.20|12|1.7
GE|GE Aerospace|XNYS|CommonStock|Aerospace|302.40|5|1.7
F|Ford Motor Company|XNYS|CommonStock|Auto Manufacturers|13.10|1|1.9
GM|General Motors Company|XNYS|CommonStock|Auto Manufacturers|71.30|1|2.0
XOM|Exxon Mobil Corporation|XNYS|CommonStock|Oil & Gas|118.60|1|1.3
CVX|Chevron Corporation|XNYS|CommonStock|Oil & Gas|153.20|2|1.2
T|AT&T Inc.|XNYS|CommonStock|Telecom Services|25.40|1|1.1
VZ|Verizon Communications Inc.|XNYS|CommonStock|Telecom Services|41.20|1|1.0
UBER|Uber Technologies, Inc.|XNYS|CommonStock|Software|92.70|1|2.1
ORCL|Oracle Corporation|XNYS|CommonStock|Software|219.80|4|2.4
CRM|Salesforce, Inc.|XNYS|CommonStock|Software|237.10|4|1.8
SPY|SPDR S&P 500 ETF Trust|ARCX|ETF|Large Blend|671.40|2|0.8
QQQ|Invesco QQQ Trust|XNAS|ETF|Large Growth|604.80|3|1.1
VTI|Vanguard Total Stock Market ETF|ARCX|ETF|Large Blend|330.10|2|0.8
IWM|iShares Russell 2000 ETF|ARCX|ETF|Small Blend|239.60|2|1.3
DIA|SPDR Dow Jones Industrial Average ETF|ARCX|ETF|Large Value|467.30|5|0.7
VOO|Vanguard S&P 500 ETF|ARCX|ETF|Large Blend|617.20|3|0.8
GLD|SPDR Gold Shares|ARCX|ETF|Commodities|376.90|3|1.1
TLT|iShares 20+ Year Treasury Bond ETF|XNAS|ETF|Long Government|89.70|1|0.8
XLF|Financial Select Sector SPDR Fund|ARCX|ETF|Financial|52.40|1|1.0
"""


# The same of mutual funds, which are priced at the close and have no spread.
_FUNDS = """
VFIAX|Vanguard 500 Index Fund Admiral Shares|XNAS|MutualFund|Large Blend|622.40|0|0.8
VTSAX|Vanguard Total Stock Market Index Fund Admiral Shares|XNAS|MutualFund|Large Blend|160.80|0|0.8
VBTLX|Vanguard Total Bond Market Index Fund Admiral Shares|XNAS|MutualFund|Intermediate Core Bond|9.78|0|0.3
FXAIX|Fidelity 500 Index Fund|XNAS|MutualFund|Large Blend|234.10|0|0.8
FCNTX|Fidelity Contrafund|XNAS|MutualFund|Large Growth|25.90|0|1.0
AGTHX|American Funds Growth Fund of America Class A|XNAS|MutualFund|Large Growth|84.60|0|1.0
SWPPX|Schwab S&P 500 Index Fund|XNAS|MutualFund|Large Blend|103.70|0|0.8
PTTRX|PIMCO Total Return Fund Institutional Class|XNAS|MutualFund|Intermediate Core-Plus Bond|8.72|0|0.3
"""

FIRST_FUND_ID = 201
FIRST_SCRIPTED_ID = 301


def _read_listing(text: str, *, first_id: int) -> dict[str, Security]:
    rows = [line.split("|") for line in text.strip().splitlines()]
    return {
        symbol: Security(
            number, symbol, name, mic, kind, industry, Decimal(price), int(spread), float(volatility) / 100
        )
        for number, (symbol, name, mic, kind, industry, price, spread, volatility) in enumerate(rows, start=first_id)
    }


# By ticker. Options are not in here: there are too many of them, and each can be worked out (`options.py`).
SECURITIES: dict[str, Security] = {
    **_read_listing(_LISTING, first_id=1),
    **_read_listing(_FUNDS, first_id=FIRST_FUND_ID),
    **_read_listing(scripted.LISTING, first_id=FIRST_SCRIPTED_ID),
}
SECURITIES_BY_ID: dict[int, Security] = {security.id: security for security in SECURITIES.values()}
