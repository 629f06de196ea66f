"""Links to bank accounts. Their numbers stay out of `repr`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from ..enums import AchApproval, AchStatus, BankAccountType
from ..wire import Fields


@dataclass(frozen=True, kw_only=True)
class BankLinkDraft:
    """The account number has ten digits at least. Manual links are approved by micro-deposits."""

    name: str  # of the bank, as it is shown
    owner_name: str = field(repr=False)
    routing_number: str = field(repr=False)
    account_number: str = field(repr=False)
    account_type: BankAccountType = BankAccountType.CHECKING
    approval: AchApproval = AchApproval.MANUAL

    def to_wire(self) -> dict[str, Any]:
        return {
            "RoutingNumber": self.routing_number,
            "AccountNumber": self.account_number,
            "AccountOwnerName": self.owner_name,
            "Name": self.name,
            "ApprovalMethod": self.approval,
            "BankAccountType": self.account_type,
        }


@dataclass(frozen=True, kw_only=True)
class PlaidLinkDraft:
    """What Plaid Link hands over; its accounts become links that are approved at once."""

    public_token: str = field(repr=False)
    plaid_account_ids: tuple[str, ...]
    bank_name: str

    def to_wire(self, account_id: int) -> dict[str, Any]:
        return {
            "PublicToken": self.public_token,
            "Accounts": list(self.plaid_account_ids),
            "BankName": self.bank_name,
            "AccountId": str(account_id),  # a text here, of all places
        }


@dataclass(frozen=True)
class BankLink:
    """An ACH relationship. `shown_number` is masked and fit for a screen; the full number is never read."""

    id: str  # a UUID
    account_id: int | None
    name: str
    shown_number: str
    owner_name: str = field(repr=False)
    status: AchStatus
    approval: AchApproval
    account_type: BankAccountType
    is_default: bool
    created_at: datetime | None
    canceled_at: datetime | None
    cancel_reason: str

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.text("Id"),
            account_id=fields.identity("AccountId"),
            name=fields.text("Name"),
            shown_number=fields.text("DisplayAccountNumber"),
            owner_name=fields.text("AccountOwnerName"),
            status=fields.word(AchStatus, "Status"),
            approval=fields.word(AchApproval, "ApprovalMethod"),
            account_type=fields.word(BankAccountType, "BankAccountType"),
            is_default=fields.flag("Default"),
            created_at=fields.moment("CreatedAt"),
            canceled_at=fields.moment("CancelDate"),
            cancel_reason=fields.text("CancelReason"),
        )
