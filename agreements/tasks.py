"""Wake-ups. What is known of an investor's agreements is in the tables; a lost message changes nothing."""

import logging
import random
from uuid import UUID

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from investors.people import User

log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 120


@shared_task(name="agreements.fetch_agreements", bind=True, acks_late=True, ignore_result=True, max_retries=12)
def fetch_agreements(self: Task, user_id: str) -> None:
    """Ask AutoShares what the investor has to sign, and again with growing pauses while it does not answer."""
    from agreements.checking import recheck_agreements
    from agreements.errors import AgreementsUnknown, ConnectionEnded

    user = User.objects.select_related("broker").filter(pk=UUID(user_id), broker__isnull=False).first()
    if user is None:
        return
    try:
        recheck_agreements(user)
    except ConnectionEnded:
        return  # the next sign-in asks by itself
    except AgreementsUnknown as failure:
        raise self.retry(exc=failure, countdown=seconds_before_retry(self.request.retries)) from failure


def seconds_before_retry(failures: int) -> float:
    """Full jitter: anything from a second to twice as long as last time, two minutes at most."""
    return random.uniform(1, min(LONGEST_WAIT_SECONDS, 2 ** (failures + 2)))  # noqa: S311 - not a secret


def fetch_soon(user: User) -> None:
    """Nudge `fetch_agreements`. A dead task broker is logged, not raised: the page can ask as well."""
    try:
        fetch_agreements.apply_async(args=[str(user.pk)], retry=False)
    except (OperationalError, OSError) as unreachable:
        log.warning("task queue does not take %s: %s", fetch_agreements.name, type(unreachable).__name__)
