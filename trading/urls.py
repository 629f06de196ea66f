from django.urls import include, path

app_name = "trading"
urlpatterns = [
    path("", include("trading.portfolio.urls")),
    path("", include("trading.orders.urls")),
    path("", include("trading.securities.urls")),
    path("", include("trading.preferences.urls")),
]
