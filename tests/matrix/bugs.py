"""Ten mistakes that comparable systems have made, planted one by one to prove that the matrix would notice."""

import uuid
from collections.abc import Callable

import pytest

from autoshares.errors import AutoSharesError, RateLimited
from autoshares.orders import Orders
from tests.matrix.scenarios import Scenario
from trading.orders import news, placing, reconciling, sending, sweeping
from trading.orders.models import OrderRequest
from trading.orders.states import RequestState


def blind_retry(patch: pytest.MonkeyPatch) -> None:
    """A POST that failed is simply sent again."""
    place = Orders.place

    def twice(self, *args):
        try:
            return place(self, *args)
        except AutoSharesError:
            return place(self, *args)

    patch.setattr(Orders, "place", twice)


def send_before_commit(patch: pytest.MonkeyPatch) -> None:
    """The order leaves before its intent is in our books."""
    place = placing.place_order

    def send_first(*, account, by, ticket, **options):
        client = placing.open_client(by)
        client.orders.place(account.vendor_account_id, placing.draft_of(ticket, uuid.uuid4()))
        return place(account=account, by=by, ticket=ticket, **options)

    patch.setattr(placing, "place_order", send_first)


def absent_means_resend(patch: pytest.MonkeyPatch) -> None:
    """What a list does not show was never there, so it is sent again."""
    sweep = sweeping.sweep_order_requests

    def impatient() -> None:
        OrderRequest.unscoped.filter(state=RequestState.UNKNOWN).update(state=RequestState.READY, next_look_at=None)
        sweep()

    patch.setattr("tests.matrix.house.sweep_order_requests", impatient)


def silence_means_refused(patch: pytest.MonkeyPatch) -> None:
    """A time-out is shown as a failure."""

    def sure(error, request):
        state = RequestState.READY if error.never_sent else RequestState.REFUSED
        return sending.Outcome(state, str(error), reason="It failed.")

    patch.setattr(sending, "classify", sure)
    patch.setattr(reconciling, "_known_orders", lambda *args: [])
    patch.setattr(reconciling, "_import_order", lambda account, row: None)


def lease_end_means_ready(patch: pytest.MonkeyPatch) -> None:
    """A sender that died is thought to have sent nothing."""

    def optimist(request: OrderRequest) -> None:
        OrderRequest.unscoped.filter(pk=request.pk).update(state=RequestState.READY, lease_until=None)

    patch.setattr(sweeping, "_give_up_lease", optimist)


def too_many_means_ready(patch: pytest.MonkeyPatch) -> None:
    """429 is read as "nothing was accepted"."""
    classify = sending.classify

    def trusting(error, request):
        if isinstance(error, RateLimited):
            return sending.Outcome(RequestState.READY, str(error))
        return classify(error, request)

    patch.setattr(sending, "classify", trusting)


def a_new_id_each_time(patch: pytest.MonkeyPatch) -> None:
    """The order is sent under an id that nobody wrote down."""
    draft_of = sending.draft_of
    patch.setattr(sending, "draft_of", lambda ticket, client_id=None: draft_of(ticket, uuid.uuid4()))


def first_page_only(patch: pytest.MonkeyPatch) -> None:
    """Only the newest few rows of the list are looked at."""
    listed = Orders.list
    patch.setattr(Orders, "list", lambda self, *args, **kwargs: iter(list(listed(self, *args, **kwargs))[:3]))
    patch.setattr(reconciling, "_read_missing", lambda *args: [])


def states_go_back(patch: pytest.MonkeyPatch) -> None:
    """The last news wins, however old it is."""
    apply = news.apply_news

    def backwards(order, row):
        changed = apply(order, row)
        if order.state in {"filled", "rejected"}:
            order.state = "working"
            order.save()
        return changed

    patch.setattr(reconciling, "apply_news", backwards)
    patch.setattr(sending, "apply_news", backwards)


def nobody_looks_again(patch: pytest.MonkeyPatch) -> None:
    """What nobody answered for is left as it is, and strangers are taken for somebody else's."""
    patch.setattr("tests.matrix.house.poll_due_accounts", lambda: None)


def quiet(**changes: object) -> Scenario:
    values = {"crash": "none", "fault": "none", "lag": 0, "deduplicates": False, "outcome": "rests"}
    return Scenario(**values | changes)  # type: ignore[arg-type]


# Each bug, and the scenarios of the matrix in which it can show itself.
PLANTED: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], list[Scenario]]] = {
    "blind retry": (blind_retry, [quiet(fault="silent after"), quiet(fault="500 after")]),
    "send before commit": (send_before_commit, [quiet(), quiet(crash="after the intent")]),
    "absent means resend": (absent_means_resend, [quiet(fault="dropped after", lag=60)]),
    "silence means refused": (silence_means_refused, [quiet(fault="silent after"), quiet(fault="500 after")]),
    "lease end means ready": (lease_end_means_ready, [quiet(crash="after the answer", lag=60)]),
    "429 means ready": (too_many_means_ready, [quiet(fault="429 after", lag=60)]),
    "a new id each time": (a_new_id_each_time, [quiet(fault="dropped after"), quiet(crash="after the answer")]),
    "first page only": (first_page_only, [quiet(fault="dropped after")]),
    "states go back": (states_go_back, [quiet(outcome="fills"), quiet(outcome="is rejected later")]),
    "nobody looks again": (nobody_looks_again, [quiet(fault="dropped after"), quiet(outcome="fills")]),
}
