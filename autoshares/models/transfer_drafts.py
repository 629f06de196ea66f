"""Transfers to be sent: ACH both ways, wire, check and Zelle only out. Source: API.md 5.15.

`amount` is USD, and None when a withdrawal closes the account. Numbers and addresses stay out of `repr`.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..enums import CheckDelivery, TransferTiming
from ..wire import given


@dataclass(frozen=True)
class IraContribution:
    type: str
    year: int

    def to_wire(self) -> dict[str, Any]:
        return {"Type": self.type, "ContributionYear": self.year}


@dataclass(frozen=True, kw_only=True)
class IraDistribution:
    """Withholding in USD or percent, as the tax type says (FIXED, Tax)."""

    reason: str  # NORMAL, RECHARACTERIZATION, …
    federal_tax_type: str | None = None
    federal_tax: Decimal | None = None
    state_tax_type: str | None = None
    state_tax: Decimal | None = None
    waives_state_withholding: bool = False

    def to_wire(self) -> dict[str, Any]:
        return given(
            {
                "Reason": self.reason,
                "FederalTaxType": self.federal_tax_type,
                "FederalTaxAmount": self.federal_tax,
                "StateTaxType": self.state_tax_type,
                "StateTaxAmount": self.state_tax,
                "HasStateWithholdingWaiver": self.waives_state_withholding,
            }
        )


@dataclass(frozen=True, kw_only=True)
class _Transfer:
    amount: Decimal | None = None
    closes_account: bool = False
    ira_distribution: IraDistribution | None = None
    timing: TransferTiming = TransferTiming.REGULAR

    def _common(self) -> dict[str, Any]:
        return {
            "Amount": self.amount,
            "CloseAccount": self.closes_account,
            "IraDistribution": self.ira_distribution and self.ira_distribution.to_wire(),
            "ExecTimeType": self.timing,
        }


@dataclass(frozen=True, kw_only=True)
class AchTransfer(_Transfer):
    """By a bank link that is approved. `hold_days` delays it."""

    bank_link_id: str
    is_deposit: bool
    hold_days: int = 0
    ira_contribution: IraContribution | None = None

    def to_wire(self) -> dict[str, Any]:
        return given(
            {
                "AchRelationshipId": self.bank_link_id,
                "IsIncoming": self.is_deposit,
                "DaysToHoldFunds": self.hold_days,
                "IraContribution": self.ira_contribution and self.ira_contribution.to_wire(),
                **self._common(),
            }
        )


@dataclass(frozen=True, kw_only=True)
class PostalAddress:
    """Of a beneficiary or a bank."""

    street: str = field(default="", repr=False)
    street_2: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    zip_code: str = field(default="", repr=False)
    country: str = field(default="", repr=False)


_NOWHERE = PostalAddress()


@dataclass(frozen=True, kw_only=True)
class WireTransfer(_Transfer):
    """`routing_number` is the ABA number, or abroad the SWIFT code; then the bank's name, city and country are needed.

    With an intermediary bank the money goes on for further credit.
    """

    routing_number: str = field(repr=False)
    account_number: str = field(repr=False)
    is_domestic: bool = True
    beneficiary_name: str = field(default="", repr=False)
    beneficiary: PostalAddress = _NOWHERE
    bank_name: str = ""
    bank: PostalAddress = _NOWHERE
    intermediary_name: str = ""
    intermediary_account_number: str = field(default="", repr=False)
    intermediary: PostalAddress = _NOWHERE
    comment: str = ""

    def to_wire(self) -> dict[str, Any]:
        texts = {
            "Comment": self.comment,
            "RoutingNumber": self.routing_number,
            "AccountNumber": self.account_number,
            "Name": self.beneficiary_name,
            "Address1": self.beneficiary.street,
            "Address2": self.beneficiary.street_2,
            "City": self.beneficiary.city,
            "State": self.beneficiary.state,
            "ZipCode": self.beneficiary.zip_code,
            "Country": self.beneficiary.country,
            "BankName": self.bank_name,
            "BankStreetAddress1": self.bank.street,
            "BankStreetAddress2": self.bank.street_2,
            "BankCity": self.bank.city,
            "BankState": self.bank.state,
            "BankZipCode": self.bank.zip_code,
            "BankCountry": self.bank.country,
            "IntermediaryName": self.intermediary_name,
            "IntermediaryAccountNumber": self.intermediary_account_number,
            "IntermediaryAddress1": self.intermediary.street,
            "IntermediaryAddress2": self.intermediary.street_2,
            "IntermediaryCity": self.intermediary.city,
            "IntermediaryState": self.intermediary.state,
            "IntermediaryPostalCode": self.intermediary.zip_code,
            "IntermediaryCountry": self.intermediary.country,
        }
        return given(
            {
                "IsDomesticWire": self.is_domestic,
                "ForFurtherCredit": bool(self.intermediary_name),
                **{name: text or None for name, text in texts.items()},
                **self._common(),
            }
        )


@dataclass(frozen=True, kw_only=True)
class CheckTransfer(_Transfer):
    memo: str = ""
    delivery: CheckDelivery = CheckDelivery.STANDARD

    def to_wire(self) -> dict[str, Any]:
        memos = [self.memo] if self.memo else None
        return given({"Memos": memos, "DeliveryMethod": self.delivery, **self._common()})


@dataclass(frozen=True, kw_only=True)
class ZelleTransfer(_Transfer):
    """To whoever has this mobile number or e-mail address."""

    name: str = field(repr=False)
    mobile: str = field(default="", repr=False)
    email: str = field(default="", repr=False)

    def to_wire(self) -> dict[str, Any]:
        whom = {"Name": self.name, "Mobile": self.mobile or None, "Email": self.email or None}
        return given({**whom, **self._common()})
