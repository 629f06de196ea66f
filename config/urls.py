"""Every address of the application."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("brokers.urls")),
    path("", include("investors.urls")),
    path("accounts/autoshares/", include("investors.provider.urls")),
    path("agreements/", include("agreements.urls")),
    path("", include("trading.urls")),
    path("health/", include("operations.health")),
    path("admin/", admin.site.urls),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
