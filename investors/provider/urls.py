"""Under /accounts/autoshares/. The names have no namespace: allauth looks them up like this."""

from django.urls import path

from investors.provider import views

urlpatterns = [
    path("login/", views.login, name="autoshares_login"),
    path("login/callback/", views.callback, name="autoshares_callback"),
]
