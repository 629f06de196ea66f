"""Wake a task up soon. The tables are the truth: a nudge that gets lost costs seconds, never data."""

import logging

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def nudge(task: Task, *args: object) -> None:
    """Send `task` its message once the current transaction has committed; a dead broker is logged, not raised."""
    transaction.on_commit(lambda: _send(task, args))


def _send(task: Task, args: tuple[object, ...]) -> None:
    try:
        task.apply_async(args=args, retry=False)
    except (OperationalError, OSError) as unreachable:
        log.warning("task queue does not take %s: %s", task.name, type(unreachable).__name__)
