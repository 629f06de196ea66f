from django.urls import path

from trading.portfolio import views

urlpatterns = [
    path("portfolio/", views.portfolio, name="portfolio"),
    path("portfolio/strip/", views.strip, name="account-strip"),
]
