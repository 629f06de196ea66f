"""The members of the vendor's resources, by which lists that are not kept in the database are filtered and sorted, and
the names behind numeric codes."""

from __future__ import annotations

_SECURITY = (
    "Id", "Symbol", "Description", "Exchange", "Currency", "AddedDate", "ModifyDate", "Type", "Precision",
    "VolumePrecision", "TickSize", "Enabled", "AllowTrade", "AllowMargin", "AllowShort", "ContractSize",
)  # fmt: skip
EQUITY = (*_SECURITY, "FractionalSettings", "Industry")
OPTION = (
    *_SECURITY, "Name", "OptionType", "ExpirationType", "ExpirationDate", "StrikePrice", "SeriesId",
    "UnderlyingAssetSymbol",
)  # fmt: skip
CHAIN_EXPIRATION = ("Expiration", "ExpirationType")
POSITION = (
    "Id", "AccountId", "SecurityId", "Symbol", "Name", "CompanyName", "SecurityCurrency", "SecurityType",
    "ContractSize", "CostBasis", "DailyCostBasis", "CreateDate", "ModifyDate", "Quantity", "RealizedProfitLoss",
    "AverageOpenPrice", "AverageClosePrice", "StopLossPrice", "TakeProfitPrice", "DailyCloseProfitLoss",
    "ExcessChanges", "DayQuantity", "MarketValueEOD", "EODPrice", "OpenQuantity", "MarginType", "UnderlyingSymbol",
    "UnderlyingOptionType", "UnderlyingExpirationDate", "UnderlyingExpirationType", "UnderlyingId",
    "UnderlyingStrike", "TickSize", "VolumePrecision", "ClearingAccount", "AccountHolderName", "LoanedQuantity",
    "UnrealizedProfitLoss", "AccountName", "Currency", "Cusip",
)  # fmt: skip
OFFERING = (
    "OfferingReference", "Name", "TickerSymbol", "Description", "OfferingTypeName", "Industry", "ProspectusUrl",
    "BrochureUrl", "Underwriter", "CusipId", "AvailableToOrder", "AnticipatedShares", "MinPrice", "MaxPrice",
    "TradeDate", "SettlementDate", "ActiveWindow", "LogoSmall", "BizInsightsHtml", "UnitIncrement", "OrdrDollarShare",
    "MinTicketSize", "MaxTicketSize", "HasOrder", "ClientOrderId", "IsSubscribed", "RequestedAmount",
)  # fmt: skip
PRICE_ALERT = (
    "Id", "State", "CreatedDate", "Operator", "SecurityId", "Symbol", "Field", "Argument", "ExpirationDate",
)  # fmt: skip
BANK_LINK = (
    "Id", "AccountId", "ExternalId", "RoutingNumber", "AccountNumber", "DisplayAccountNumber", "AccountOwnerName",
    "Name", "Status", "CreatedAt", "CancelDate", "CancelReason", "ApprovalMethod", "Default", "BankAccountType",
)  # fmt: skip
TRANSFER = (
    "Id", "AccountId", "ExternalId", "Mechanism", "IsDeposit", "Status", "Comment", "Amount", "TotalAmount",
    "TransferDate", "CreatedAt", "ClearingAccountNumber", "CreatedBy",
)  # fmt: skip

# Names in the order of their numeric codes, which filters may use instead (API fact sheet 4.5 and 4.6).
ORDER_STATUSES = (
    "New", "PartiallyFilled", "Filled", "DoneForDay", "Canceled", "Replaced", "PendingCancel", "Stopped", "Rejected",
    "Suspended", "PendingNew", "Calculated", "Expired", "AcceptedForBidding", "PendingReplace", "Error",
)  # fmt: skip
EXPIRATION_TYPES = ("Regular", "Quarterly", "Weekly", "Flex", "Undefined", "Mini", "NonStandard")
SECURITY_TYPES = (
    "BankersAcceptance", "CertificateOfDeposit", "CollateralizeMortgageObligation", "CorporateBond",
    "CommercialPaper", "CorporatePrivatePlacement", "CommonStock", "FederalHousingAuthority", "FederalHomeLoan",
    "FederalNationalMortgageAssociation", "ForeignExchangeContract", "Future", "GovernmentNationalMortgageAssociation",
    "TreasuriesPlusAgencyDebenture", "MutualFund", "MortgageInterestOnly", "MortgagePrincipleOnly",
    "MortgagePrivatePlacement", "MiscellaneousPassThru", "MunicipalBond", "NoIsitcSecurityType", "Option",
    "PreferredStock", "RepurchaseAgreement", "ReverseRepurchaseAgreement", "StudentLoanMarketingAssociation",
    "TimeDeposit", "UsTreasuryBill", "Warrant", "CatsTigersLions", "WildcardEntry", "ConvertibleBond",
    "MortgageIoette", "Index", "FakeStockForNonStandartOption", "Right", "Cryptocurrency", "ETF",
    "DepositoryReceipt", "CoveredWarrant", "Unit",
)  # fmt: skip
# Those after them have no documented number.
OWNER_TYPES = (
    "IndividualCustomer", "InstitutionalCustomer", "Combined", "EmployeeAccount", "MarketMaking", "OtherProprietary",
    "Unknown", "ErrorAccount",
)  # fmt: skip
