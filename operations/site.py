"""The back office: Django's admin under our name, with a limit on tries and the queues on its first page."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse

from operations.login_limits import WINDOW_SECONDS, forgive, may_try

# What allauth would show: provider secrets and tokens have no business in an admin.
HIDDEN_APPS = {"account", "socialaccount"}


class BackOffice(AdminSite):
    site_title = "Sharefront operations"
    site_header = "Sharefront operations"
    index_title = "Back office"
    site_url = None

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        shown = [model for model in models if model._meta.app_label not in HIDDEN_APPS]
        super().register(shown, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from operations.queues import figures_for

        return super().index(request, {"figures": figures_for(request, self), **(extra_context or {})})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Five wrong passwords for one name from one address, and the door stays shut for five minutes."""
        if request.method != "POST":
            return super().login(request, extra_context)
        username, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR") or ""
        if not may_try(username, address):
            return self._shut(request)
        response = super().login(request, extra_context)
        if response.status_code == 302:
            forgive(username, address)
        return response

    def _shut(self, request: HttpRequest) -> HttpResponse:
        context = {**self.each_context(request), "title": "Too many tries", "minutes": WINDOW_SECONDS // 60}
        response = render(request, "admin/too_many_tries.html", context, status=429)
        response["Retry-After"] = str(WINDOW_SECONDS)
        return response
