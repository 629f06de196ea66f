"""Is the process alive, and could it serve a page: for load balancers and for `make demo`."""

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, all migrations are applied and the task broker is reachable; else 503."""
    checks = {"database": _database_is_migrated(), "broker": _broker_answers()}
    is_ready = all(checks.values())
    return JsonResponse({"status": "ready" if is_ready else "not ready", **checks}, status=200 if is_ready else 503)


def _database_is_migrated() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _broker_answers() -> bool:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
    except (OSError, current_app.connection_for_write().transport.connection_errors):
        return False
    return True


urlpatterns = [path("live", live, name="health-live"), path("ready", ready, name="health-ready")]
