from django.urls import path

from trading.securities import views

urlpatterns = [
    path("securities/search/", views.search, name="security-search"),
    path("securities/<str:symbol>/quote/", views.quote, name="quote"),
]
