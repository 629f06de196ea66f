"""Secrets at rest: unreadable, unmovable, and readable through a change of keys."""

import base64
import os

import pytest

from brokers.models import Connection
from brokers.vault import SealBroken, seal, unseal

PLACE = "grants:1:access_token"


def key(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


class TestSeal:
    def test_it_comes_back_as_it_was(self):
        assert unseal(seal("s3cret ✓", place=PLACE), place=PLACE) == "s3cret ✓"

    def test_it_hides_the_plain_text_and_never_repeats_itself(self):
        first, second = seal("s3cret", place=PLACE), seal("s3cret", place=PLACE)
        assert b"s3cret" not in first
        assert first != second

    @pytest.mark.parametrize("elsewhere", ["grants:2:access_token", "grants:1:refresh_token", "keys:1:access_token"])
    def test_it_does_not_open_in_another_place(self, elsewhere):
        with pytest.raises(SealBroken):
            unseal(seal("s3cret", place=PLACE), place=elsewhere)

    def test_it_notices_every_altered_byte(self):
        sealed = seal("s3cret", place=PLACE)
        for position in range(len(sealed)):
            altered = bytearray(sealed)
            altered[position] ^= 1
            with pytest.raises(SealBroken):
                unseal(bytes(altered), place=PLACE)

    def test_it_opens_what_an_older_key_sealed_until_that_key_is_gone(self, settings):
        old, new = key("2025"), key("2026")
        settings.ENCRYPTION_KEYS = [old]
        sealed = seal("s3cret", place=PLACE)
        settings.ENCRYPTION_KEYS = [new, old]
        assert unseal(sealed, place=PLACE) == "s3cret"
        settings.ENCRYPTION_KEYS = [new]
        with pytest.raises(SealBroken):
            unseal(sealed, place=PLACE)


class TestSealedColumn:
    def test_it_stores_no_plain_text(self, harbor):
        stored = Connection.objects.values_list("client_secret_sealed", flat=True).get(broker=harbor)
        assert b"demo-harbor-client-secret" not in bytes(stored)
        assert harbor.connection.client_secret == "demo-harbor-client-secret"

    def test_a_ciphertext_moved_to_another_row_does_not_open(self, harbor, northwind):
        stolen = Connection.objects.values_list("app_key_sealed", flat=True).get(broker=harbor)
        Connection.objects.filter(broker=northwind).update(app_key_sealed=stolen)
        with pytest.raises(SealBroken):
            _ = Connection.objects.get(broker=northwind).app_key
