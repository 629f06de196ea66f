"""What lies before an investor on the agreements page, worked out from our tables alone."""

from dataclasses import dataclass, field
from enum import StrEnum

from django.utils import timezone

from agreements.gate import InvestorRequest, answer_since_sign_in, due_since, is_put_off
from agreements.models import AgreementCheck, AgreementText, OutstandingAgreement, Signature
from agreements.texts import Section, sections_of


class DeskState(StrEnum):
    CHECKING = "checking"  # AutoShares is being asked
    UNANSWERED = "unanswered"  # it was asked and did not answer; we ask again
    OPEN = "open"  # something is to be read and signed
    CLEAR = "clear"  # nothing is left that keeps trading closed


@dataclass(frozen=True)
class Entry:
    """A line of the list beside the document."""

    agreement: OutstandingAgreement
    is_put_off: bool


@dataclass(frozen=True)
class Desk:
    """`current` is the agreement being read; `number` of `total` counts what this sign-in asks for, from 1."""

    state: DeskState
    entries: list[Entry] = field(default_factory=list)
    signed_now: list[Signature] = field(default_factory=list)
    past: list[Signature] = field(default_factory=list)
    current: OutstandingAgreement | None = None
    words: AgreementText | None = None
    sections: list[Section] = field(default_factory=list)
    unconfirmed: Signature | None = None

    @property
    def total(self) -> int:
        return len(self.entries) + len(self.signed_now)

    @property
    def number(self) -> int:
        return min(len(self.signed_now) + 1, self.total)

    @property
    def is_put_off(self) -> bool:
        """Whether the agreement being read is one that was put off before."""
        return any(entry.is_put_off for entry in self.entries if entry.agreement == self.current)

    @property
    def can_be_signed(self) -> bool:
        return self.current is not None and self.current.vendor_agreement_id is not None and self.words is not None


def lay_out(
    request: InvestorRequest, *, key: str = "", vendor_agreement_id: int | None = None, kind: str = ""
) -> Desk:
    """The desk of this investor in this session: on top the agreement with that key, that id or of that type.

    Without any of these, or if none fits, the first that is to be signed.

    Some five queries; AutoShares is not asked.
    """
    past = list(Signature.objects.filter(user=request.user, state__in=["signing", "signed"]))
    if answer_since_sign_in(request) is None:
        return Desk(_waiting_state(request), past=past)
    listed = OutstandingAgreement.objects.filter(user=request.user)
    entries = [Entry(agreement, is_put_off(request, agreement)) for agreement in listed]
    since = due_since(request.session) or timezone.now()
    signed_now = [row for row in past if row.state == Signature.State.SIGNED and row.signed_at >= since]
    left = [entry.agreement for entry in entries if not entry.is_put_off]
    wanted = (
        [entry.agreement for entry in entries if entry.agreement.key == key]
        or [entry.agreement for entry in entries if _has_id(entry.agreement, vendor_agreement_id)]
        or [entry.agreement for entry in entries if entry.agreement.type == kind]
    )
    if not (wanted or left):
        return Desk(DeskState.CLEAR, entries, signed_now, past)
    current = (wanted or left)[0]
    words = current.text
    return Desk(
        DeskState.OPEN,
        entries,
        signed_now,
        past,
        current=current,
        words=words,
        sections=sections_of(words) if words else [],
        unconfirmed=_unconfirmed(past, current),
    )


def _waiting_state(request: InvestorRequest) -> DeskState:
    failed = AgreementCheck.objects.filter(user=request.user).exclude(error="").exists()
    return DeskState.UNANSWERED if failed else DeskState.CHECKING


def _has_id(agreement: OutstandingAgreement, vendor_agreement_id: int | None) -> bool:
    return vendor_agreement_id is not None and agreement.vendor_agreement_id == vendor_agreement_id


def _unconfirmed(past: list[Signature], current: OutstandingAgreement) -> Signature | None:
    """A signature of this very version that AutoShares has not confirmed."""
    for signature in past:
        is_this = (signature.vendor_agreement_id, signature.version) == (current.vendor_agreement_id, current.version)
        if is_this and signature.state == Signature.State.SIGNING:
            return signature
    return None
