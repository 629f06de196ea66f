"""Money on its way in or out, as AutoShares reports it. What is asked for is in `transfer_drafts`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import TransferMechanism, TransferStatus
from ..wire import Fields


@dataclass(frozen=True)
class Transfer:
    """Amounts in USD; `total_amount` is 0 until the transfer is complete."""

    id: str  # a UUID
    external_id: str
    account_id: int | None
    clearing_account: str
    mechanism: TransferMechanism
    is_deposit: bool
    amount: Decimal | None
    total_amount: Decimal | None
    status: TransferStatus
    comment: str
    created_by: str = field(repr=False)
    created_at: datetime | None
    completed_at: datetime | None  # at the clearing firm

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.text("Id"),
            external_id=fields.text("ExternalId"),
            account_id=fields.identity("AccountId"),
            clearing_account=fields.text("ClearingAccountNumber"),
            mechanism=fields.word(TransferMechanism, "Mechanism"),
            is_deposit=fields.flag("IsDeposit"),
            amount=fields.number("Amount"),
            total_amount=fields.number("TotalAmount"),
            status=fields.word(TransferStatus, "Status"),
            comment=fields.text("Comment"),
            created_by=fields.text("CreatedBy"),
            created_at=fields.moment("CreatedAt"),
            completed_at=fields.moment("TransferDate"),
        )


@dataclass(frozen=True)
class TransferFee:
    """In USD: what the customer pays, what the firm gets, what remains with the correspondent."""

    type: str
    customer_debit: Decimal
    firm_credit: Decimal
    correspondent_net: Decimal

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            type=fields.text("Type"),
            customer_debit=fields.amount("CustomerDebitAmount"),
            firm_credit=fields.amount("FirmCreditAmount"),
            correspondent_net=fields.amount("CorrespondentNetAmount"),
        )


@dataclass(frozen=True)
class ContributionReason:
    reason: str
    allows_previous_year: bool

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(fields.text("Reason"), fields.flag("PreviousYearContributionAllowed"))


@dataclass(frozen=True)
class DistributionReason:
    allows_withholding: bool
    allows_state_withholding: bool

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(fields.flag("WithholdingEnabled"), fields.flag("StateWithholdingEnabled"))


@dataclass(frozen=True)
class IraConstraints:
    """Why money may go into or out of a retirement account; of any other account `is_retirement` is False."""

    is_retirement: bool
    only_current_year: bool
    contributions: tuple[ContributionReason, ...]
    allows_total_distribution: bool
    closing_fee: TransferFee | None
    distributions: Mapping[str, DistributionReason]  # by reason

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        money_in = Fields(fields.mapping("ContributionConstraints"))
        money_out = Fields(fields.mapping("DistributionConstraints"))
        return cls(
            is_retirement=fields.flag("IsRetirementAccount"),
            only_current_year=money_in.flag("OnlyAllowCurrentYearContribution"),
            contributions=money_in.rows("ValidContributions", ContributionReason.from_wire),
            allows_total_distribution=money_out.flag("TotalDistributionAllowed"),
            closing_fee=money_out.row("ClosingFee", TransferFee.from_wire),
            distributions=money_out.row_map("ValidDistributionReasons", DistributionReason.from_wire),
        )
