"""What every template may know about the broker."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def broker_context(request: HttpRequest) -> dict[str, object]:
    broker = getattr(request, "broker", None)
    if broker is None:
        return {"environment": settings.SHAREFRONT_ENV}
    return {
        "broker": broker,
        "environment": settings.SHAREFRONT_ENV,
        "theme_url": reverse("brokers:theme", args=[broker.stylesheet.version]),
    }
