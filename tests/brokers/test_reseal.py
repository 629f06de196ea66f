"""A change of keys: everything is sealed with the new one while the application goes on, and the old one can go."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection

from brokers.models import Connection
from brokers.vault import SealBroken, key_id_of
from tests.brokers.test_vault import key


@pytest.fixture
def rotated(settings, harbor, northwind):
    """Both brokers' secrets are sealed with the old key; the new one stands before it."""
    [old] = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [key("new"), old]
    return settings


class TestReseal:
    def test_it_leaves_nothing_that_needs_the_old_key(self, rotated, harbor, northwind):
        call_command("reseal", verbosity=0)
        rotated.ENCRYPTION_KEYS = rotated.ENCRYPTION_KEYS[:1]
        for slug in ("harbor", "northwind"):
            connection = Connection.objects.get(broker__slug=slug)
            assert connection.client_secret == f"demo-{slug}-client-secret"
            assert connection.app_key == f"demo-{slug}-app-key-secret"

    def test_it_does_nothing_twice(self, rotated, harbor, capsys):
        call_command("reseal")
        call_command("reseal")
        second = capsys.readouterr().out.splitlines()[-5:]
        assert [line.endswith(": 0 sealed anew") for line in second] == [True] * 4 + [False]

    def test_it_says_so_when_a_key_is_missing(self, rotated, harbor):
        rotated.ENCRYPTION_KEYS = rotated.ENCRYPTION_KEYS[:1]
        with pytest.raises(SealBroken):
            call_command("reseal", verbosity=0)

    @pytest.mark.django_db(transaction=True)
    def test_it_never_overwrites_what_was_written_meanwhile(self, rotated, harbor, northwind):
        def keep_writing(name: str) -> None:
            for number in range(30):
                mine = Connection.objects.get(broker__slug=name)
                mine.client_secret = f"{name}-{number}"
                mine.save()
            connection.close()

        with ThreadPoolExecutor() as pool:
            writers = [pool.submit(keep_writing, name) for name in ("harbor", "northwind")]
            for _ in range(5):
                call_command("reseal", verbosity=0)
            for writer in writers:
                writer.result()
        for name in ("harbor", "northwind"):
            row = Connection.objects.get(broker__slug=name)
            assert row.client_secret == f"{name}-29"
            assert key_id_of(row.client_secret_sealed) == "new"
