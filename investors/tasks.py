"""Wake-ups. The tables say what is due; a lost or doubled message changes nothing."""

from celery import shared_task


@shared_task(name="investors.refresh_due_grants", acks_late=True, ignore_result=True, soft_time_limit=100)
def refresh_due_grants() -> None:
    """Renew the grants whose time has come, end those that have run out, and ask for accounts that are unknown."""
    from investors.accounts.linking import link_due_accounts
    from investors.grants import ending, refreshing

    ending.end_expired_grants()
    refreshing.refresh_due_grants()
    link_due_accounts()


@shared_task(name="investors.watch_renewals", acks_late=True, ignore_result=True)
def watch_renewals() -> None:
    """Raise an alarm where more tokens are to be renewed than AutoShares may take."""
    from investors.grants import crowding

    crowding.watch_renewals()


@shared_task(name="investors.clear_ended_sessions", acks_late=True, ignore_result=True)
def clear_ended_sessions() -> None:
    """Delete what is left of sessions that ended by themselves."""
    from django.contrib.sessions.backends.db import SessionStore

    from investors.sessions import forget_ended_sessions

    forget_ended_sessions()
    SessionStore.clear_expired()
