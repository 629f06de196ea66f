from django.urls import path

from brokers import views

app_name = "brokers"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("brand.<slug:version>.css", views.theme, name="theme"),
]
