"""Ask AutoShares what an investor has still to sign: after every sign-in, and after every signature."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from agreements.errors import AgreementsUnknown, ConnectionEnded
from agreements.models import AgreementCheck, OutstandingAgreement, Signature
from autoshares.client import Client
from autoshares.errors import AutoSharesError, Unauthorized
from autoshares.models import Agreement
from investors.grants.errors import GrantEnded, GrantUnreachable
from investors.grants.tokens import client_for, report_unauthorized
from investors.people import User


def check_agreements(user: User, client: Client) -> AgreementCheck:
    """Ask AutoShares what `user` has to sign and keep the answer. One call, then one transaction.

    Checks may race: the one that asked last wins, whichever answer arrives first. A failure leaves the last
    answer as it was, with the reason beside it. Raises AgreementsUnknown; Unauthorized passes through.
    """
    asked_at = timezone.now()
    try:
        listed = client.agreements.outstanding()
    except AutoSharesError as failure:
        _keep_failure(user, asked_at)
        if isinstance(failure, Unauthorized):
            raise
        raise AgreementsUnknown from failure
    return _keep_answer(user, listed, asked_at)


def recheck_agreements(user: User) -> AgreementCheck:
    """`check_agreements` with the investor's stored grant. Raises AgreementsUnknown, ConnectionEnded."""
    return as_investor(user, lambda client: check_agreements(user, client))


def as_investor[Result](user: User, act: Callable[[Client], Result]) -> Result:
    """Run `act` with the investor's own client, once more if the token was refused and could be renewed.

    Only for what may be repeated. Raises ConnectionEnded, AgreementsUnknown. Source: API.md 3.3.
    """
    try:
        try:
            return act(client_for(user))
        except Unauthorized:
            may_repeat = report_unauthorized(user)
            client = client_for(user)
            if not may_repeat:
                raise AgreementsUnknown from None
            return act(client)
    except GrantUnreachable as refusal:
        raise AgreementsUnknown(refusal.user_message) from None
    except (GrantEnded, Unauthorized):
        raise ConnectionEnded from None


def _locked_check(user: User, asked_at: datetime) -> AgreementCheck:
    user_check = {"broker": user.broker, "asked_at": asked_at}
    AgreementCheck.unscoped.get_or_create(user=user, defaults=user_check)
    return AgreementCheck.unscoped.select_for_update().get(user=user)


def _keep_failure(user: User, asked_at: datetime) -> None:
    with transaction.atomic():
        check = _locked_check(user, asked_at)
        if check.answered_at is None or check.asked_at <= asked_at:
            check.error = AgreementsUnknown.user_message
            check.save(update_fields=["error"])


@transaction.atomic
def _keep_answer(user: User, listed: list[Agreement], asked_at: datetime) -> AgreementCheck:
    check = _locked_check(user, asked_at)
    if check.answered_at and check.asked_at > asked_at:
        return check
    user.outstanding_agreements.all().delete()
    OutstandingAgreement.unscoped.bulk_create(
        (_row_of(user, agreement) for agreement in listed),
        ignore_conflicts=True,  # the same agreement listed twice is one agreement
    )
    _finish_signatures(user, listed, asked_at)
    check.asked_at, check.answered_at, check.error = asked_at, timezone.now(), ""
    check.save(update_fields=["asked_at", "answered_at", "error"])
    return check


def _row_of(user: User, agreement: Agreement) -> OutstandingAgreement:
    return OutstandingAgreement(
        broker=user.broker,
        user=user,
        vendor_agreement_id=agreement.id,
        type=str(agreement.type),
        title=agreement.title[:200],
        version=agreement.version,
        can_skip=agreement.can_skip,
    )


def _finish_signatures(user: User, listed: list[Agreement], asked_at: datetime) -> None:
    """What was signed before we asked, and is not asked for any more, has arrived."""
    still_listed = {(agreement.id, agreement.version) for agreement in listed}
    for signature in user.signatures.filter(state=Signature.State.SIGNING, signed_at__lt=asked_at):
        if (signature.vendor_agreement_id, signature.version) not in still_listed:
            signature.move(Signature.State.SIGNED)
