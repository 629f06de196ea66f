"""Words about money on its way. Source: API.md 5.0, 5.13, 5.14 and 5.15, read 2026-11-24."""

from .base import OpenEnum


class TransactionType(OpenEnum):
    UNDEFINED = "Undefined"
    COMMISSION = "Commission"
    ORDER_EXECUTION = "OrderExecution"
    OPTION_EXPIRATION = "OptionExpiration"
    PAYMENT = "Payment"
    MANUAL_MANIPULATION = "ManualManipulation"
    CLEARING = "Clearing"
    RPL = "Rpl"


class ReportFormat(OpenEnum):
    NONE = "NotReport"
    CSV = "CsvReport"
    PDF = "PdfReport"


class AchStatus(OpenEnum):
    PENDING = "Pending"
    APPROVED = "Approved"
    CANCELED = "Canceled"
    ERROR = "Error"
    PENDING_CANCEL = "PendingCancel"
    PENDING_APPROVAL = "PendingApproval"


class AchApproval(OpenEnum):
    """How a bank link is approved: at once by Plaid, or by the amounts of micro-deposits."""

    INSTANT = "Instant"
    MANUAL = "Manual"


class BankAccountType(OpenEnum):
    CHECKING = "Checking"
    SAVINGS = "Savings"


class TransferMechanism(OpenEnum):
    ACH = "ACH"
    CHECK = "Check"
    WIRE = "Wire"
    ZELLE = "Zelle"


class TransferStatus(OpenEnum):
    """The words that are known; the vendor publishes no list (API.md C76)."""

    SUBMITTED = "Submitted"
    FUNDS_POSTED = "FundsPosted"
    COMPLETE = "Complete"
    CANCELED = "Canceled"
    REJECTED = "Rejected"


class TransferTiming(OpenEnum):
    REGULAR = "Regular"
    SCHEDULED = "Scheduled"


class CheckDelivery(OpenEnum):
    STANDARD = "STANDARD"
    OVERNIGHT = "OVERNIGHT"
    SATURDAY = "SATURDAY"
    OVERNIGHT_TO_BROKER = "OVERNIGHT_TO_BROKER"
    PRINT_AT_FIRM = "PRINT_AT_FIRM"
