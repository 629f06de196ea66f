"""Secrets at rest: AES-256-GCM, the key's id in the ciphertext, bound to the row and column that it was written for.

A ciphertext moved to another table, row or column does not decrypt. Keys live in the environment
(`ENCRYPTION_KEYS`), the current one first; older ones stay until everything has been sealed again.
"""

import base64
import os
from functools import cache
from typing import overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2


class SealBroken(Exception):
    """The ciphertext was altered, moved to another place, or its key is gone."""


@cache
def _keys(configured: tuple[str, ...]) -> dict[str, AESGCM]:
    keys = {}
    for entry in configured:
        key_id, _, encoded = entry.partition(":")
        key = base64.b64decode(encoded)
        if not key_id or len(key_id.encode()) > 255 or len(key) != 32:
            raise ImproperlyConfigured("ENCRYPTION_KEYS must hold id:base64 pairs of 32-byte keys.")
        keys[key_id] = AESGCM(key)
    if not keys:
        raise ImproperlyConfigured("ENCRYPTION_KEYS is empty.")
    return keys


def seal(plain: str, *, place: str) -> bytes:
    """Encrypt `plain` for `place` ("table:row:column"). Layout: id length (1 byte), id, nonce (12), ciphertext."""
    key_id, key = next(iter(_keys(tuple(settings.ENCRYPTION_KEYS)).items()))
    nonce = os.urandom(NONCE_BYTES)
    return bytes([len(key_id.encode())]) + key_id.encode() + nonce + key.encrypt(nonce, plain.encode(), place.encode())


def unseal(sealed: bytes, *, place: str) -> str:
    """Decrypt what `seal` made for the same `place`. Raises SealBroken."""
    sealed = bytes(sealed)
    key = _keys(tuple(settings.ENCRYPTION_KEYS)).get(key_id_of(sealed))
    if key is None:
        raise SealBroken(f"No key for {place}.")
    head = 1 + sealed[0]
    nonce, body = sealed[head : head + NONCE_BYTES], sealed[head + NONCE_BYTES :]
    try:
        return key.decrypt(nonce, body, place.encode()).decode()
    except InvalidTag as broken:
        raise SealBroken(f"What is stored at {place} was altered or moved.") from broken


def key_id_of(sealed: bytes) -> str:
    """The id of the key that `seal` used."""
    return bytes(sealed[1 : 1 + sealed[0]]).decode(errors="replace")


class Sealed:
    """An attribute that is stored encrypted in the binary column `<name>_sealed` of the same model.

    The model's primary key must be known before it is saved (a UUID default), since it is part of the binding.
    An empty string is stored as an empty column.
    """

    def __set_name__(self, owner: type[models.Model], name: str) -> None:
        self.name, self.column = name, f"{name}_sealed"

    def _place(self, row: models.Model) -> str:
        return f"{row._meta.db_table}:{row.pk}:{self.name}"

    @overload
    def __get__(self, row: None, owner: type[models.Model]) -> "Sealed": ...
    @overload
    def __get__(self, row: models.Model, owner: type[models.Model]) -> str: ...
    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> "str | Sealed":
        if row is None:
            return self
        sealed = getattr(row, self.column)
        return unseal(sealed, place=self._place(row)) if sealed else ""

    def __set__(self, row: models.Model, plain: str) -> None:
        setattr(row, self.column, seal(plain, place=self._place(row)) if plain else b"")


def seal_anew(model: type[models.Model], column: "Sealed") -> int:
    """Seal one column of all brokers' rows with the current key; how many were sealed with an older one.

    Safe beside a running application: a row that changes meanwhile was written with the current key anyway, so the
    update is conditional on the old ciphertext. Raises SealBroken for a row whose key is not known any more.
    """
    current = next(iter(_keys(tuple(settings.ENCRYPTION_KEYS))))
    count = 0
    rows = model._base_manager.exclude(**{column.column: b""}).only("pk", column.column)
    for row in rows.iterator(chunk_size=500):
        old = bytes(getattr(row, column.column))
        if key_id_of(old) == current:
            continue
        column.__set__(row, column.__get__(row, model))
        new = getattr(row, column.column)
        count += model._base_manager.filter(pk=row.pk, **{column.column: old}).update(**{column.column: new})
    return count


def sealed_columns() -> list[tuple[type[models.Model], Sealed]]:
    """Every sealed column of every model."""
    return [
        (model, attribute)
        for model in apps.get_models()
        for attribute in vars(model).values()
        if isinstance(attribute, Sealed)
    ]
