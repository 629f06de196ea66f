"""Agreements that a user has not signed yet."""

from dataclasses import dataclass
from typing import Any, Self

from ..enums import AgreementType
from ..wire import Fields


@dataclass(frozen=True)
class Agreement:
    """`id` is None where the vendor sends the bare shape of its specification: no signing by API then (C49)."""

    id: int | None
    type: AgreementType
    title: str
    version: str
    can_skip: bool

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        kind = fields.word(AgreementType, "Type")
        return cls(
            id=fields.identity("Id"),
            type=kind,
            title=fields.text("Title") or kind.label,
            version=fields.text("Version"),
            can_skip=fields.flag("CanSkip"),
        )

    @property
    def can_be_signed(self) -> bool:
        return self.id is not None
