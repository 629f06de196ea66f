"""The back office: Django's admin under our name."""

from django.contrib.admin import AdminSite


class BackOffice(AdminSite):
    site_title = "Sharefront operations"
    site_header = "Sharefront operations"
    index_title = "Back office"
