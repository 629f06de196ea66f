from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class OperationsConfig(AppConfig):
    name = "operations"


class SharefrontAdminConfig(AdminConfig):
    """Django's admin, as Sharefront's back office."""

    default_site = "operations.site.BackOffice"
