"""What every part of the exchange needs at hand: state, time, hours, prices and settings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from sandbox.clock import Clock
from sandbox.exchange.calendar import Hours
from sandbox.exchange.prices import Override, Tape
from sandbox.exchange.scripted import HALTED_AT_FIRST, Script, script_of
from sandbox.exchange.securities import Security
from sandbox.state import State


@dataclass
class Settings:
    """Switches of the exchange and of the vendor's habits; `commission` in USD per order that trades,
    `contract_commission` per option contract.

    `echo_client_id`, `echo_comment`: does an answer repeat what the client sent? `deduplicate_client_id`: does a
    second order with the same ClientId answer the first one? `visibility_lag_seconds`: virtual seconds until a new
    order shows up in lists. `late_reject`: the code with which new orders are refused after a successful placement,
    or None. `stream_ping_seconds`: how often streams ask for a sign of life, `stream_timeout_seconds`: how long they
    wait for one. `paper_cash`: USD in a new paper account whose owner has not asked for another amount.
    `scripted_quantities`: do some quantities decide what becomes of an order?
    """

    commission: str = "1.00"
    contract_commission: str = "0.65"
    echo_client_id: bool = True
    echo_comment: bool = True
    deduplicate_client_id: bool = False
    visibility_lag_seconds: float = 0
    late_reject: str | None = None
    rate_limits: bool = True
    enforce_agreements: bool = False
    paper_cash: str = "100000"
    stream_ping_seconds: float = 10
    stream_timeout_seconds: float = 30
    scripted_quantities: bool = False

    def change(self, values: dict[str, Any]) -> None:
        """Take over known settings. Raises ValueError for an unknown name or a value of another kind."""
        for name, value in values.items():
            kind = Settings.__annotations__.get(name)
            allowed = {"str": str, "bool": bool, "float": int | float, "str | None": str | None}
            if kind is None or not isinstance(value, allowed[kind]):
                raise ValueError(f"unknown setting or wrong value: {name}")
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Market:
    """The exchange's world. `load` brings back what a restart must not forget."""

    def __init__(self, state: State, *, market_hours: str, seed: int) -> None:
        self.state = state
        self.default_hours = market_hours
        self.default_seed = seed
        self.load()

    def load(self) -> None:
        """Read clock, hours, seed, settings and price overrides from the state, or start afresh."""
        state = self.state
        self.clock = Clock(**(state.setting("clock") or asdict(Clock.at_wall_time())))
        self.hours = Hours(**(state.setting("hours") or {"mode": self.default_hours, "since_ms": self.clock.now_ms()}))
        self.seed = int(state.setting("seed", self.default_seed))
        known = {field.name for field in fields(Settings)}
        self.settings = Settings(**{k: v for k, v in state.setting("settings", {}).items() if k in known})
        # Dividends up to this moment have been paid.
        self.dividends_paid_ms = int(state.setting("dividends_paid_ms", self.clock.now_ms()))
        self.halted: set[str] = set(state.setting("halted", HALTED_AT_FIRST))
        self.tape = Tape(self.seed, self.hours)
        for row in state.rows("SELECT * FROM price_override ORDER BY id"):
            held = (row["bid"], row["ask"], row["last"]) if row["last"] is not None else None
            self.tape.add_override(Override(row["symbol"], row["from_ms"], held=held, factor=row["factor"]))

    def save(self) -> None:
        """Write clock, hours, seed and settings."""
        with self.state.transaction():
            self.state.save_setting("clock", asdict(self.clock))
            self.state.save_setting("hours", asdict(self.hours))
            self.state.save_setting("seed", self.seed)
            self.state.save_setting("halted", sorted(self.halted))
            self.state.save_setting("settings", self.settings.as_dict())
            self.save_dividends_paid()

    def save_dividends_paid(self) -> None:
        self.state.save_setting("dividends_paid_ms", self.dividends_paid_ms)

    def is_halted(self, security: Security) -> bool:
        """Nothing trades while it is; options halt with their underlying."""
        return security.symbol in self.halted or security.underlying in self.halted

    def script_of(self, symbol: str, quantity: Decimal | None) -> Script:
        """What is known in advance about an order of this symbol and quantity; nothing without a symbol."""
        return script_of(symbol, quantity if symbol and self.settings.scripted_quantities else None)

    def change_hours(self, mode: str) -> None:
        self.hours = Hours(mode, self.clock.now_ms())
        self.tape.change_hours(self.hours)

    @property
    def commission(self) -> Decimal:
        return Decimal(self.settings.commission)

    @property
    def contract_commission(self) -> Decimal:
        return Decimal(self.settings.contract_commission)

    def now_ms(self) -> int:
        return self.clock.now_ms()
