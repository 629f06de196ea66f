"""What was typed into a form that arrived too late, after the session's end: kept, and brought back once.

It lies encrypted in the session of the very browser that sent it, opens for half an hour, and only for the investor
on whose page it was typed: the page names them in a signed field, so that nobody types for another.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils import timezone

from brokers.vault import SealBroken, seal, unseal
from investors.people import User

FIELD = "form_owner"
KEPT = "kept_form"
SALT = "investors.kept_forms"
KEPT_FOR = timedelta(minutes=30)
MOST_FIELDS, LONGEST_VALUE = 40, 100


@dataclass(frozen=True)
class KeptForm:
    """`address` is where it was sent to."""

    address: str
    typed: dict[str, str]


def sign_owner(user: User) -> str:
    """The value of a form's hidden field `form_owner`: whose page it is on."""
    return signing.dumps(str(user.pk), salt=SALT)


def keep_form(request: HttpRequest) -> bool:
    """Keep what `request` posts, unless its form names no owner or somebody else is signed in by now."""
    owner = _owner_of(request)
    if owner is None or (request.user.is_authenticated and str(request.user.pk) != owner):
        return False
    fields = [name for name in request.POST if name not in {FIELD, "csrfmiddlewaretoken"}][:MOST_FIELDS]
    form = {
        "address": request.path,
        "typed": {name: request.POST[name][:LONGEST_VALUE] for name in fields},
        "until": (timezone.now() + KEPT_FOR).isoformat(),
    }
    request.session[KEPT] = base64.b64encode(seal(json.dumps(form), place=_place(owner))).decode()
    return True


def take_form(request: HttpRequest, *, under: str) -> dict[str, str] | None:
    """What this investor had typed into a form that was sent to an address beginning with `under`; works once."""
    form = _open(request)
    if form is None or not form.address.startswith(under):
        return None
    del request.session[KEPT]
    return form.typed


def drop_foreign_form(request: HttpRequest) -> None:
    """After a sign-in: what is not for this investor, or was kept too long, goes."""
    if KEPT in request.session and _open(request) is None:
        del request.session[KEPT]


def _owner_of(request: HttpRequest) -> str | None:
    oldest = timedelta(seconds=settings.SESSION_COOKIE_AGE) + KEPT_FOR
    try:
        return signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=oldest)
    except signing.BadSignature:
        return None


def _open(request: HttpRequest) -> KeptForm | None:
    sealed = request.session.get(KEPT)
    if sealed is None:
        return None
    try:
        form = json.loads(unseal(base64.b64decode(sealed), place=_place(str(request.user.pk))))
    except SealBroken:
        return None
    is_too_old = datetime.fromisoformat(form["until"]) <= timezone.now()
    return None if is_too_old else KeptForm(form["address"], form["typed"])


def _place(owner: str) -> str:
    return f"session:{owner}:{KEPT}"
