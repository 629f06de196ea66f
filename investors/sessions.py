"""Which browsers an investor is signed in with: one row for each live session, found by a mark in the session."""

import uuid
from datetime import datetime

from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from brokers.scoping import BrokerOwned
from investors.people import User

MARK = "browser_session"
END = "browser_session_ends_at"
NOBODY = uuid.UUID(int=0)


class BrowserSession(BrokerOwned):
    """One browser in which an investor is signed in. The session knows this id; this row knows no session key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="browser_sessions")
    signed_in_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(help_text="When the session cookie ends by itself.")

    class Meta(BrokerOwned.Meta):
        ordering = ["-signed_in_at"]

    def __str__(self) -> str:
        return f"{self.user} since {self.signed_in_at:%Y-%m-%d %H:%M}"


def remember_session(request: HttpRequest, user: User) -> None:
    """Write down that `user` is signed in with this browser; signing in again there changes the same row."""
    ends_at = request.session.get_expiry_date()
    request.session[END] = ends_at.isoformat()
    known = BrowserSession.unscoped.filter(pk=request.session.get(MARK) or NOBODY, user=user)
    if not known.update(ends_at=ends_at):
        row = BrowserSession.unscoped.create(user=user, broker=user.home, ends_at=ends_at)
        request.session[MARK] = str(row.id)


def end_of_session(request: HttpRequest) -> datetime | None:
    """When this browser has to sign in again at the latest; None where nobody signed in. No query."""
    written = request.session.get(END) if hasattr(request, "session") else None
    return datetime.fromisoformat(written) if written else None


def forget_session(request: HttpRequest, user: User) -> bool:
    """Strike this browser off; return whether `user` is still signed in with another one."""
    BrowserSession.unscoped.filter(pk=request.session.get(MARK) or NOBODY, user=user).delete()
    return BrowserSession.unscoped.filter(user=user, ends_at__gt=timezone.now()).exists()


def forget_ended_sessions() -> int:
    """Delete the rows of sessions that ended by themselves; return how many."""
    deleted, _by_model = BrowserSession.unscoped.filter(ends_at__lte=timezone.now()).delete()
    return deleted
