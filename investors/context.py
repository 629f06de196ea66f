"""What every page may know about the investor's connection to AutoShares."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from investors.grants.models import Grant
from investors.kept_forms import sign_owner
from investors.people import User
from investors.returning import page_of
from investors.sessions import end_of_session

WARN_BEFORE = timedelta(minutes=15)


@dataclass(frozen=True)
class ConnectionState:
    """`state` is live, ending (act soon), ended (act now), unavailable (wait). `ends_at`: None if it renews itself."""

    state: str
    ends_at: datetime | None
    reconnect_url: str
    is_linking: bool = False


def connection_context(request: HttpRequest) -> dict[str, object]:
    """Worked out when a template asks: `connection`, None for staff and for people who are not signed in, and
    `form_owner`, for a form whose content should survive the end of the session (investors/kept_forms.py).
    """
    return {
        "connection": SimpleLazyObject(lambda: describe_connection(request)),
        "form_owner": SimpleLazyObject(lambda: sign_owner(request.user) if request.user.is_authenticated else ""),
    }


def describe_connection(request: HttpRequest) -> ConnectionState | None:
    """How it stands between this investor and AutoShares. At most one query, no network."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.broker_id is None:
        return None
    page = page_of(request) if getattr(request, "htmx", None) else request.get_full_path()
    reconnect_url = reverse("investors:reconnect", query={"next": page} if page else None)
    return _describe(user, reconnect_url, timezone.now(), session_ends_at=end_of_session(request))


def _describe(user: User, reconnect_url: str, now: datetime, *, session_ends_at: datetime | None) -> ConnectionState:
    """Whatever ends first: the connection, or this browser's own session, which signing in again renews, too."""
    grant = Grant.unscoped.filter(user=user).first()
    if grant is None or grant.state != Grant.State.ACTIVE:
        return ConnectionState("ended", grant.expires_at if grant else None, reconnect_url)
    is_linking = grant.accounts_due_at is not None
    # What can be refreshed renews itself when somebody needs it; only a failed try past its end is worth a word.
    if grant.can_refresh and grant.expires_at <= now and grant.attempts > 0:
        return ConnectionState("unavailable", None, reconnect_url, is_linking)
    ends = [session_ends_at, None if grant.can_refresh else grant.expires_at]
    ends_at = min([end for end in ends if end is not None], default=None)
    left = ends_at - now if ends_at is not None else None
    if left is None or left > WARN_BEFORE:
        return ConnectionState("live", None if grant.can_refresh else ends_at, reconnect_url, is_linking)
    return ConnectionState("ending" if left > timedelta(0) else "ended", ends_at, reconnect_url, is_linking)
