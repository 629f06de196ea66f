"""Django's admin, as Sharefront's back office."""

from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    default_site = "operations.site.BackOffice"
    default = False
