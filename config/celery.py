"""The Celery application. Tasks are wake-ups; the due-tables in PostgreSQL are the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("sharefront")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
