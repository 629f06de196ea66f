"""What a completed sign-in means for agreements."""

from typing import Any

from django.dispatch import receiver
from django.http import HttpRequest

from agreements.checking import check_agreements
from agreements.errors import AgreementsUnknown
from agreements.gate import start_session
from agreements.tasks import fetch_soon
from autoshares.client import Client
from autoshares.errors import Unauthorized
from investors.people import User
from investors.signals import signed_in


@receiver(signed_in, dispatch_uid="agreements.ask_after_sign_in")
def ask_after_sign_in(*, request: HttpRequest, user: User, client: Client, **_: Any) -> None:
    """At every sign-in: close the gate, then ask AutoShares. Without an answer it stays closed, and we ask again."""
    start_session(request.session)
    try:
        check_agreements(user, client)
    except (AgreementsUnknown, Unauthorized):
        fetch_soon(user)
