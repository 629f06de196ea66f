"""Words of a list that may grow."""

from enum import StrEnum
from typing import Self


class OpenEnum(StrEnum):
    """A list of words that the vendor may lengthen at any time.

    A word that is not listed becomes a member for the occasion: it compares, stores and prints as the raw word.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self:
        word = str(value)
        stranger = str.__new__(cls, word)
        stranger._name_ = word
        stranger._value_ = word
        return stranger

    @property
    def is_known(self) -> bool:
        return self._value_ in type(self)._value2member_map_
