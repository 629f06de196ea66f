from django.urls import path

from investors import views

app_name = "investors"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("signed-out/", views.signed_out, name="signed-out"),
    path("connection/", views.connection, name="connection"),
    path("connection/reconnect/", views.reconnect, name="reconnect"),
    path("accounts/<uuid:account_id>/select/", views.select_account, name="account-select"),
    path("appearance/", views.choose_appearance, name="appearance"),
]
