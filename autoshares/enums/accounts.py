"""Words about accounts, people and agreements. Source: API.md 5.0, 7.3 and 8, read 2026-11-24."""

from .base import OpenEnum


class AccountStatus(OpenEnum):
    UNSPECIFIED = "UnSpecified"
    NEW = "New"
    SENT_TO_CLEARING = "SentToClearing"
    APPROVED = "Approved"
    REJECTED = "Rejected"


class AccessType(OpenEnum):
    FULL = "Full"
    READ_ONLY = "ReadOnly"
    CLOSE_POSITIONS_ONLY = "ClosePositionsOnly"
    OWNER = "Owner"

    @property
    def may_trade(self) -> bool:
        """True unless the user may only look on; ClosePositionsOnly may still reduce a position."""
        return self is not AccessType.READ_ONLY


class MarginType(OpenEnum):
    """Kind of an account."""

    EMPTY = "Empty"
    CASH = "Cash"
    MARGIN = "Margin"
    DAY_TRADER = "DayTrader"
    MARGIN_IRA = "MarginIra"


class PositionMarginType(OpenEnum):
    EMPTY = "Empty"
    CASH = "Cash"
    MARGIN = "Margin"
    DIVIDEND = "Dividend"
    LEGAL_TRANSFER = "LegalTransfer"
    SHORT = "Short"
    GRANT = "Grant"
    FPL_CASH_COLLATERAL = "FPLCashCollateral"
    ESPP_RSU = "ESPPRSU"
    DVP_RVP = "DVPRVP"


class Permission(OpenEnum):
    EMPTY = "Empty"
    LONG_STOCK = "LongStock"
    SHORT_STOCK = "ShortStock"
    LONG_OPTION = "LongOption"
    SHORT_OPTION = "ShortOption"
    ALLOW_TRADE = "AllowTrade"
    ALLOW_MARGIN = "AllowMargin"
    ALLOW_OPEN = "AllowOpen"


class AgreementType(OpenEnum):
    """Two generations of words live side by side: the specification's and the newest pages' (API.md C50)."""

    PLATFORM = "Platform"
    QUOTEMEDIA = "Quotemedia"
    QUODD = "Quodd"
    PLATFORM_AGREEMENT = "PlatformAgreement"
    MARKET_DATA_AGREEMENT = "MarketDataAgreement"
    MARGIN_AGREEMENT = "MarginAgreement"
    OPTIONS_AGREEMENT = "OptionsAgreement"
    DAY_TRADING_AGREEMENT = "DayTradingAgreement"

    @property
    def label(self) -> str:
        """What an investor reads; an unknown word is its own label."""
        return _AGREEMENT_LABELS.get(self, self.value)

    @property
    def is_market_data(self) -> bool:
        return self in _MARKET_DATA_AGREEMENTS


_AGREEMENT_LABELS = {
    AgreementType.PLATFORM: "Platform agreement",
    AgreementType.QUOTEMEDIA: "Market data agreement (Quotemedia)",
    AgreementType.QUODD: "Market data agreement (Quodd)",
    AgreementType.PLATFORM_AGREEMENT: "Platform agreement",
    AgreementType.MARKET_DATA_AGREEMENT: "Market data agreement",
    AgreementType.MARGIN_AGREEMENT: "Margin agreement",
    AgreementType.OPTIONS_AGREEMENT: "Options agreement",
    AgreementType.DAY_TRADING_AGREEMENT: "Day trading agreement",
}
_MARKET_DATA_AGREEMENTS = frozenset(
    {AgreementType.QUOTEMEDIA, AgreementType.QUODD, AgreementType.MARKET_DATA_AGREEMENT}
)


class Salutation(OpenEnum):
    NONE = "NoSalutation"
    MR = "Mr"
    MRS = "Mrs"
    MS = "Ms"
    DR = "Dr"
    SIR = "Sir"
    MADAM = "Madam"


class NameSuffix(OpenEnum):
    NONE = "NoSuffix"
    JR = "Jr"
    SR = "Sr"
    SECOND = "Second"
    THIRD = "Third"
    FOURTH = "Fourth"


class AccountProvider(OpenEnum):
    """Who keeps an account; everything but PaperTrading is a clearing firm."""

    NONE = "None"
    PAPER_TRADING = "PaperTrading"
    APEX = "Apex"
    APEX1 = "Apex1"
    APEX2 = "Apex2"
    FC_STONE = "FcStone"
    AXOS = "Axos"
    VELOX = "Velox"
    SIEBERT = "Siebert"
    INTELI_CLEAR = "InteliClear"
    ETNA_CLEARING = "EtnaClearing"
    FIDELITY = "Fidelity"
    TRADE_UP = "TradeUp"


class FormType(OpenEnum):
    """By which form an account is opened."""

    NONE = "None"
    JOT_FORM = "JotForm"
    DIRECT = "Direct"
    FC_STONE = "FcStone"
    FIDELITY_WINDOW = "FidelityWindow"
    FIDELITY_FORM = "FidelityForm"


class CustomerType(OpenEnum):
    UNKNOWN = "Unknown"
    INDIVIDUAL = "Individual"
    JOINT = "Joint"
    IRA = "Ira"
    FOREIGN = "Foreign"
