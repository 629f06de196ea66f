"""The act of signing: the evidence is committed first, AutoShares is told second, and then asked what is left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from agreements.checking import as_investor, recheck_agreements
from agreements.errors import (
    AgreementBeingSigned,
    AgreementChanged,
    AgreementError,
    AgreementNotListed,
    AgreementsUnknown,
    AgreementTextMissing,
    SignatureRefused,
    SignatureUnconfirmed,
)
from agreements.models import AgreementText, OutstandingAgreement, Signature
from agreements.tasks import fetch_soon
from autoshares.errors import AutoSharesError
from investors.people import User

# Longer than one call with its time-outs; what a crash left behind may be sent again after it.
LEASE = timedelta(seconds=20)


@dataclass(frozen=True)
class Shown:
    """What was on the screen when the investor agreed."""

    type: str
    version: str
    sha256: str


def sign_agreement(
    user: User, vendor_agreement_id: int, *, shown: Shown, ip: str | None, user_agent: str
) -> Signature:
    """Sign what AutoShares asks `user` for under this id, if it is still what was shown; return the signature.

    AutoShares is asked first, so that nobody signs a version that was replaced meanwhile. The signature is
    committed before AutoShares is told. Two clicks make one signature. A crash in between leaves it SIGNING:
    the next check completes it, or the investor sends the same one again. Raises the tree of `errors`.
    """
    asked_at = recheck_agreements(user).asked_at
    agreement = user.outstanding_agreements.filter(vendor_agreement_id=vendor_agreement_id).first()
    if agreement is None:
        return _signed_already(user, vendor_agreement_id, shown)
    words = _words_as_shown(agreement, shown)
    known = _lease_known_signature(user, agreement, words, listed_at=asked_at)
    signature = known or _write_signature(user, agreement, words, ip=ip, user_agent=user_agent)
    if signature.state == Signature.State.SIGNING:
        _report(user, signature)
        _take_off_the_list(user, signature)
    return signature


def _signed_already(user: User, vendor_agreement_id: int, shown: Shown) -> Signature:
    """AutoShares lists it no more: the other click was faster, or a new version took its place."""
    known = user.signatures.filter(
        vendor_agreement_id=vendor_agreement_id, version=shown.version, state=Signature.State.SIGNED
    ).first()
    if known is not None:
        return known
    if user.outstanding_agreements.filter(type=shown.type).exists():
        raise AgreementChanged
    raise AgreementNotListed


def _words_as_shown(agreement: OutstandingAgreement, shown: Shown) -> AgreementText:
    if (agreement.type, agreement.version) != (shown.type, shown.version):
        raise AgreementChanged
    words = agreement.text
    if words is None:
        raise AgreementTextMissing
    if words.sha256 != shown.sha256:
        raise AgreementChanged
    return words


def _lease_known_signature(
    user: User, agreement: OutstandingAgreement, words: AgreementText, *, listed_at: datetime
) -> Signature | None:
    """The live signature of this version, leased to us while it is unreported; None if a new one is due.

    Raises AgreementBeingSigned while another click holds the lease.
    """
    live = [Signature.State.SIGNING, Signature.State.SIGNED]
    of_this = {"vendor_agreement_id": agreement.vendor_agreement_id, "version": agreement.version}
    with transaction.atomic():
        known = user.signatures.select_for_update().filter(**of_this, state__in=live).first()
        if known is None:
            return None
        if known.lease_until and known.lease_until > timezone.now():
            raise AgreementBeingSigned
        if known.confirmed_at and known.confirmed_at >= listed_at:
            return known  # the other click has just finished; the list is older than that
        if known.state == Signature.State.SIGNING and known.text_sha256 == words.sha256:
            known.lease_until = timezone.now() + LEASE
        else:
            known.state = Signature.State.REPLACED
        known.save(update_fields=["lease_until", "state"])
    return known if known.state == Signature.State.SIGNING else None


def _write_signature(
    user: User, agreement: OutstandingAgreement, words: AgreementText, *, ip: str | None, user_agent: str
) -> Signature:
    """Commit the evidence. Raises AgreementBeingSigned if the other click was a moment faster."""
    try:
        with transaction.atomic():
            return Signature.unscoped.create(
                broker=user.home,
                user=user,
                vendor_agreement_id=agreement.vendor_agreement_id,  # type: ignore[misc]  # found by it
                type=agreement.type,
                title=agreement.title,
                version=agreement.version,
                text_sha256=words.sha256,
                ip_address=ip,
                user_agent=user_agent[:400],
                lease_until=timezone.now() + LEASE,
            )
    except IntegrityError:
        raise AgreementBeingSigned from None


def _report(user: User, signature: Signature) -> None:
    """Tell AutoShares. Signing twice does no harm there (API.md 7.3), so a renewed token may repeat the call."""
    try:
        as_investor(user, lambda client: client.agreements.sign(signature.vendor_agreement_id))
    except (AutoSharesError, AgreementsUnknown) as failure:
        if isinstance(failure, AutoSharesError) and failure.is_refusal:
            signature.move(Signature.State.FAILED)
            raise SignatureRefused(_in_words(failure)) from failure
        Signature.unscoped.filter(pk=signature.pk).update(lease_until=None)
        fetch_soon(user)
        raise SignatureUnconfirmed from failure
    signature.move(Signature.State.SIGNED)  # and the lease with it: between the two, another click would sign again
    signature.refresh_from_db()


def _in_words(failure: AutoSharesError) -> str:
    words = f": “{failure.message.rstrip('.')}”" if failure.message else ""
    return f"AutoShares did not accept the signature{words}. Nothing was signed; ask support if it stays this way."


def _take_off_the_list(user: User, signature: Signature) -> None:
    """Ask AutoShares what is left (API.md 7.2, step 4); its silence does not undo what it has just accepted."""
    user.outstanding_agreements.filter(
        vendor_agreement_id=signature.vendor_agreement_id, version=signature.version
    ).delete()
    try:
        recheck_agreements(user)
    except AgreementError:
        fetch_soon(user)
