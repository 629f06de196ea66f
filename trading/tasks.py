"""Wake-ups. Each is safe to lose, to double and to run beside itself: the tables say what there is to do."""

from celery import shared_task


@shared_task(name="trading.poll_due_accounts", acks_late=True, ignore_result=True, soft_time_limit=50)
def poll_due_accounts() -> None:
    """Bring every account whose next_check_at has passed up to date."""
    from trading.portfolio.polling import poll_due_accounts

    poll_due_accounts()


@shared_task(name="trading.sweep_order_requests", acks_late=True, ignore_result=True, soft_time_limit=50)
def sweep_order_requests() -> None:
    """Take up the requests that a crash, or an unreachable AutoShares, left behind."""
    from trading.orders.sweeping import sweep_order_requests

    sweep_order_requests()


@shared_task(name="trading.refresh_quote", acks_late=True, ignore_result=True, soft_time_limit=40)
def refresh_quote(security_id: int, user_id: str) -> None:
    """Ask AutoShares for the last price of one security."""
    from trading.securities.quoting import refresh_quote

    refresh_quote(security_id, user_id)


@shared_task(name="trading.look_up_securities", acks_late=True, ignore_result=True, soft_time_limit=40)
def look_up_securities(search_id: int, user_id: str) -> None:
    """Ask AutoShares for securities that match a text somebody typed."""
    from trading.securities.searching import look_up_securities

    look_up_securities(search_id, user_id)


@shared_task(name="trading.refresh_preferences", acks_late=True, ignore_result=True, soft_time_limit=40)
def refresh_preferences(user_id: str) -> None:
    """Ask AutoShares how one investor likes to trade."""
    from trading.preferences.reading import refresh_preferences

    refresh_preferences(user_id)
