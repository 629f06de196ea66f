"""Half-typed tickets: kept on the server as typed, one per investor and symbol, until placed or discarded."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from django.db.models import QuerySet

from investors.people import User
from trading.orders.models import OrderDraft, OrderRequest

FIELDS = (
    *(
        "side",
        "type",
        "plan",
        "size",
        "quantity",
        "cash_amount",
        "limit_price",
        "stop_price",
        "trail_kind",
        "trail_value",
    ),
    *("limit_offset_kind", "limit_offset_value", "target_price", "exit_stop_kind", "exit_stop_price"),
    *("exit_trail_value", "time_in_force", "expires_on", "session", "all_or_none", "purpose"),
)
TYPED = tuple(name for name in FIELDS if name.endswith(("quantity", "amount", "price", "value")))
LONGEST_TYPED = 24


def find_draft(user: User, symbol: str) -> OrderDraft | None:
    return OrderDraft.objects.filter(user=user, symbol=symbol).first()


def drafts_of(user: User) -> QuerySet[OrderDraft]:
    """Tickets begun and not placed, newest first."""
    return OrderDraft.objects.filter(user=user).order_by("-changed_at")


def save_draft(user: User, symbol: str, *, typed: Mapping[str, str], form_key: UUID | None) -> None:
    """Keep what was typed. Nothing typed, or already placed with this form: there is nothing to keep."""
    fields = {name: typed[name][:LONGEST_TYPED] for name in FIELDS if typed.get(name)}
    if not any(fields.get(name) for name in TYPED):
        discard_draft(user, symbol)
    elif form_key is not None and not is_form_used(form_key):
        OrderDraft.objects.update_or_create(
            user=user,
            symbol=symbol,
            defaults={"fields": fields, "form_key": form_key},
            create_defaults={"fields": fields, "form_key": form_key, "broker": user.home},
        )


def discard_draft(user: User, symbol: str) -> None:
    drafts = OrderDraft.unscoped.filter(broker_id=user.broker_id, user=user)  # type: ignore[misc]  # an investor's own
    drafts.filter(symbol=symbol).delete()


def renew_draft(user: User, symbol: str) -> None:
    """After a refusal: what was typed stays, under a new key, so that sending it again is a new order."""
    OrderDraft.objects.filter(user=user, symbol=symbol).update(form_key=uuid4())


def is_form_used(form_key: UUID) -> bool:
    """Whether an order was asked for with this form already."""
    return OrderRequest.objects.filter(form_key=form_key).exists()
