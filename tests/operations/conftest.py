"""The staff of the platform, at the admin of one broker's host."""

import pytest

from investors.people import User
from tests.investors.signing_in import sign_in, user_of, walk

__all__ = ["sign_in", "user_of", "walk"]


@pytest.fixture
def ops(client):
    """A browser with a superuser of the platform signed in to the admin."""
    user = User.objects.create_superuser("ops@demo.test", "ops@demo.test", "open-the-desk")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
