"""The Celery application. Tasks are wake-ups; the due-tables in PostgreSQL are the truth."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES["filesystem"] = "config.queue_folder:Transport"

app = Celery("sharefront")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
