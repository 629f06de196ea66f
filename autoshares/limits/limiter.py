"""Acquire before a request, report after it: the part that all limiters share."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import AutoSharesError, HeldBack, NeverSent, RateLimited
from .bucket import Bucket
from .categories import LIMITS, Category, Limit, Quota

log = logging.getLogger("autoshares")

WINDOW_SECONDS = 60.0
LONGEST_REQUEST_SECONDS = 60.0  # a caller that has not reported by then has died
UNSTATED_PAUSE_SECONDS = 1.0  # a 429 without Retry-After; AutoShares asks for a back-off that starts at one second


@dataclass(frozen=True)
class Permit:
    """Leave for one request. Give it back with `report`, whatever became of the request."""

    bucket: str
    slot: str
    taken_at: float = 0.0  # by the monotonic clock of whoever took it


class Limiter(Protocol):
    def acquire(self, category: Category, key: str, *, urgent: bool = False, patience: float = 0) -> Permit:
        """Leave to send one request, at once or within `patience` seconds.

        Raises HeldBack, which says when to come back and that nothing was sent. `urgent` may use the reserve (cancels,
        sign-ins). `key` is whom AutoShares counts: an account for orders, else a token (its hash).
        """

    def report(
        self, permit: Permit, *, sent: bool = True, limited: bool = False, retry_after: float | None = None
    ) -> None:
        """Say what became of it. `sent` False: not a byte left, the slot is free again at once.

        `limited`: it was answered with 429; nobody gets leave for this category and key before `retry_after` seconds
        (1 if AutoShares did not say) have passed.
        """


class PatientLimiter(ABC):
    """Asks some place that counts for a slot, and waits as long as its caller may."""

    def __init__(
        self,
        *,
        limits: Mapping[Category, Limit] = LIMITS,
        window: float = WINDOW_SECONDS,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._limits = limits
        self._window = window
        self._pause = pause

    @abstractmethod
    def take(self, name: str, usable: int) -> Permit | float:
        """A slot of the bucket `name`, if one of `usable` is free; else the seconds until one may be."""

    def acquire(self, category: Category, key: str, *, urgent: bool = False, patience: float = 0) -> Permit:
        usable = self._limits[category].usable(urgent=urgent)
        while True:
            taken = self.take(f"{category} {key}", usable)
            if isinstance(taken, Permit):
                return taken
            if taken > patience:
                raise HeldBack(detail=f"our own limit of {category}", retry_after=taken)
            # Several wait for the same slot: whoever comes too late for it waits for the next one.
            self._pause(taken)
            patience -= taken


class BucketLimiter(PatientLimiter):
    """A limiter over some place that keeps buckets: `opened` lends one bucket and the time to one caller at a time."""

    def __init__(self, *, longest_request: float = LONGEST_REQUEST_SECONDS, **options: Any) -> None:
        super().__init__(**options)
        self._longest_request = longest_request

    @abstractmethod
    def opened(self, name: str) -> AbstractContextManager[tuple[Bucket, float]]:
        """The bucket `name` and the time by the clock that all callers share; saved when the block ends."""

    def take(self, name: str, usable: int) -> Permit | float:
        with self.opened(name) as (bucket, now):
            wait = bucket.wait(now, usable)
            if wait:
                return wait
            return Permit(name, bucket.take(now, until=now + self._longest_request + self._window))

    def report(
        self, permit: Permit, *, sent: bool = True, limited: bool = False, retry_after: float | None = None
    ) -> None:
        with self.opened(permit.bucket) as (bucket, now):
            bucket.give_back(permit.slot, at=now + self._window if sent else now)
            if limited:
                bucket.hold(now + pause_after(retry_after))


def pause_after(retry_after: float | None) -> float:
    """Seconds to keep away after a 429."""
    return UNSTATED_PAUSE_SECONDS if retry_after is None else retry_after


def within_limits[Outcome](
    limiter: Limiter, quota: Quota, send: Callable[[], Outcome], *, patience: float = 0, permit: Permit | None = None
) -> Outcome:
    """What `send` returns or raises, if `limiter` lets it go at all; it learns what became of the request.

    `permit` is leave that was taken in advance. A limiter that fails afterwards is only logged, for the answer must
    not be lost with it.
    """
    permit = permit or take_leave(limiter, quota, patience=patience)
    outcome: dict[str, Any] = {}
    try:
        return send()
    except NeverSent:
        outcome = {"sent": False}
        raise
    except RateLimited as refusal:
        outcome = {"limited": True, "retry_after": refusal.retry_after}
        raise
    finally:
        tell(limiter, permit, **outcome)


def take_leave(limiter: Limiter, quota: Quota, *, patience: float = 0) -> Permit:
    """Leave for one request, or HeldBack. A limiter that fails (its database is down) keeps it back: NeverSent."""
    try:
        return limiter.acquire(quota.category, quota.key, urgent=quota.urgent, patience=patience)
    except AutoSharesError:
        raise
    except Exception as failure:
        raise NeverSent(detail=f"limiter: {type(failure).__name__}") from failure


def tell(limiter: Limiter, permit: Permit, **outcome: Any) -> None:
    """Report what became of a request; never raises."""
    try:
        limiter.report(permit, **outcome)
    except Exception as failure:
        log.warning("A limiter could not be told of an answer: %s", type(failure).__name__)
