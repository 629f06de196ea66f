from django.apps import AppConfig


class AutoSharesProviderConfig(AppConfig):
    """Sign-in with AutoShares, as a provider of django-allauth."""

    name = "investors.provider"
    label = "autoshares_provider"
