from django.urls import path

from trading.preferences import views

urlpatterns = [
    path("settings/trading/", views.preferences, name="preferences"),
]
