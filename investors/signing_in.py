"""The last steps of a sign-in: the person is known and their tokens are stored."""

import logging

from django.contrib import messages

from autoshares.errors import AutoSharesError
from brokers.middleware import BrokerRequest
from investors.accounts.linking import link_accounts, link_later
from investors.grants.errors import GrantEnded
from investors.grants.tokens import client_for
from investors.kept_forms import drop_foreign_form
from investors.people import User
from investors.sessions import remember_session
from investors.signals import signed_in

log = logging.getLogger("investors.accounts")


def complete_sign_in(request: BrokerRequest) -> None:
    """Remember the browser, link the accounts, tell the others.

    AutoShares may fall silent half-way: the sign-in counts all the same, a task asks for what is missing, and the
    investor is told so.
    """
    user: User = request.user
    remember_session(request, user)
    drop_foreign_form(request)
    try:
        client = client_for(user)
    except GrantEnded:  # signed out from another browser within this very moment
        return
    try:
        link_accounts(user, client)
    except AutoSharesError as failure:
        log.warning("accounts of user=%s are unknown at sign-in: %s", user.pk, failure)
        link_later(user)
        messages.warning(
            request, "You are signed in, but AutoShares has not told us your accounts yet. We keep asking."
        )
    signed_in.send_robust(sender=User, request=request, user=user, client=client)
