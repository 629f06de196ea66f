"""The account that a page is about: one of the investor's own, or none."""

from uuid import UUID

from django.http import Http404

from brokers.middleware import BrokerRequest
from investors.accounts.models import AccountLink


def get_account_or_404(request: BrokerRequest, account_id: UUID | None = None) -> AccountLink:
    """The investor's link to that account, or to the selected one; 404 if it is not theirs. One query."""
    link = _find(request, account_id) if account_id else current_link(request)
    if link is None:
        raise Http404
    return link


def current_link(request: BrokerRequest) -> AccountLink | None:
    """The link to the selected account, else to the first by number; None for a newcomer. One query."""
    links = list(_links(request))
    selected = request.user.selected_account_id
    return next((link for link in links if link.account_id == selected), links[0] if links else None)


def _find(request: BrokerRequest, account_id: UUID) -> AccountLink | None:
    return _links(request).filter(account_id=account_id).first()


def _links(request: BrokerRequest):
    return (
        AccountLink.objects.select_related("account")
        .filter(user=request.user, is_current=True)
        .order_by("account__vendor_account_id")
    )
