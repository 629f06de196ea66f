from django.urls import path

from agreements import views

app_name = "agreements"
urlpatterns = [
    path("", views.list_agreements, name="list"),
    path("check/", views.check, name="check"),
    path("skip/", views.skip, name="skip"),
    path("<int:vendor_agreement_id>/sign/", views.sign, name="sign"),
]
