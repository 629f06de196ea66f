"""What an example consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.cast import ACCOUNT, USER, Cast

NO_BODY = object()


@dataclass(frozen=True)
class Example:
    """One call: parameters by their names in the contract, and the body."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = NO_BODY

    @property
    def has_body(self) -> bool:
        return self.body is not NO_BODY


Maker = Callable[[Cast], Example]


def in_turn(*makers: Maker) -> Maker:
    """Another one of these each time."""
    return lambda cast: makers[cast.turn(len(makers))](cast)


def after_some_trading(maker: Maker) -> Maker:
    """The same in an account whose lists are not empty."""

    def make(cast: Cast) -> Example:
        cast.busy()
        return maker(cast)

    return make


def plain(*, body: Any = NO_BODY, **query: Any) -> Maker:
    return lambda cast: Example({}, query, body=body)


def of_user(*, path: dict[str, Any] | None = None, body: Any = NO_BODY, **query: Any) -> Maker:
    return lambda cast: Example({"userId": USER, **(path or {})}, query, body=body)


def of_account(*, path: dict[str, Any] | None = None, body: Any = NO_BODY, **query: Any) -> Maker:
    return lambda cast: Example({"accountId": ACCOUNT, **(path or {})}, query, body=body)
