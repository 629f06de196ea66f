"""One running sandbox: the market, the identity provider's key, and what tests and people do to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from sandbox.api.limits import RateLimits
from sandbox.clock import parse_iso
from sandbox.control.faults import FaultRules
from sandbox.control.prices import read_override
from sandbox.exchange.calendar import MARKET_MODES
from sandbox.exchange.market import Market, Settings
from sandbox.exchange.matching import reschedule, run_due
from sandbox.exchange.orders import FIRST_ORDER_ID
from sandbox.exchange.securities import find_security
from sandbox.lists.alerts import fire_due, reschedule_alerts
from sandbox.money.account_transfers import run_due_account_transfers
from sandbox.money.transfers import run_due_transfers
from sandbox.mutual_funds.orders import run_due_funds
from sandbox.oauth.keys import SigningKey
from sandbox.seed import seed_demo
from sandbox.state import State
from sandbox.streams.hub import Hub
from sandbox.streams.telling import tell
from sandbox.webhooks import outbox
from sandbox.webhooks.events import EVENTS
from sandbox.webhooks.sending import Sender

REQUESTS_KEPT = 5000


class World:
    """`base_url` is where browsers and clients reach the sandbox, without a slash at the end. `webhooks`: the demo's
    applications, by their short names, and the addresses at which they hear of events from the start. `clock`: the
    moment at which time stands still in a new state and after a reset; without it time runs as outside."""

    def __init__(
        self,
        state: State,
        *,
        base_url: str,
        web_port: int,
        market_hours: str,
        seed: int,
        webhooks: Mapping[str, str] | None = None,
        clock: str | None = None,
    ) -> None:
        self.state = state
        self.base_url = base_url
        self.web_port = web_port
        self.signing_key = SigningKey.of(state)
        self.market = Market(state, market_hours=market_hours, seed=seed)
        self.rate_limits = RateLimits()
        self.faults = FaultRules()
        self.hub = Hub(self.market, self.faults)
        self.sender = Sender(self.market)
        self.webhooks = webhooks or {}
        self.first_clock: dict[str, Any] = {"mode": "frozen", "set": clock} if clock else {}
        self.requests: deque[dict[str, Any]] = deque(maxlen=REQUESTS_KEPT)
        if state.row("SELECT 1 FROM app") is None:
            self.reset()
        self._save_webhooks()

    @property
    def issuer(self) -> str:
        return self.base_url + "/"

    def reset(self, *, seed: int | None = None, clock: dict[str, Any] | None = None) -> None:
        """Start over with the demo's people and nothing else; the signing key stays.

        `clock` is what `change_clock` takes, applied before seeding. Raises ValueError.
        """
        clock = self.first_clock | (clock or {})
        _check_clock_change(clock)
        with self.state.transaction():
            self.state.empty()
            self.state.db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('orders', ?)", (FIRST_ORDER_ID,))
            if seed is not None:
                self.state.save_setting("seed", seed)
            self.market.load()
            self.change_clock(clock)
            self.market.dividends_paid_ms = self.market.now_ms()
            self.market.save()
            seed_demo(self.market, web_port=self.web_port)
            self._save_webhooks()
            self.state.db.execute("DELETE FROM change")
        self.rate_limits.clear()
        self.faults.clear()
        self.requests.clear()
        self.hub.forget()

    def _save_webhooks(self) -> None:
        for slug, url in self.webhooks.items():
            secret = f"demo-{slug}-webhook-secret"
            outbox.save_endpoint(
                self.market, f"demo-{slug}-client", url=url, secret=secret, events=list(EVENTS), active=True
            )

    def catch_up(self) -> None:
        """Let everything happen that is due by now, in each room."""
        run_due(self.market)
        run_due_funds(self.market)
        run_due_transfers(self.market)
        run_due_account_transfers(self.market)
        fire_due(self.market)

    def tell_changes(self) -> None:
        """Tell streams and webhooks what has changed since the last time. Cheap when nothing has."""
        changes = self.state.rows("SELECT * FROM change ORDER BY id")
        if not changes:
            return
        with self.state.transaction():
            outbox.record(self.market, self.faults, changes)
            self.state.db.execute("DELETE FROM change WHERE id <= ?", (changes[-1]["id"],))
        tell(self.market, self.hub, changes)

    def change_clock(self, change: dict[str, Any]) -> None:
        """Apply {"mode", "speed", "set", "advance", "market"}, in this order; all may be absent. Raises ValueError.

        What was due before the change happens before it.
        """
        market = self.market
        _check_clock_change(change)
        with self.state.transaction():
            self.catch_up()
            if change.get("mode") == "frozen":
                market.clock.freeze()
            if change.get("mode") == "running" or "speed" in change:
                was_frozen = market.clock.mode == "frozen" and change.get("mode") != "running"
                market.clock.run(speed=float(change.get("speed", market.clock.speed)))
                if was_frozen:
                    market.clock.freeze()
            if "set" in change:
                market.clock.move_to(parse_iso(change["set"]))
            if "advance" in change:
                market.clock.move_to(market.clock.now_ms() + round(float(change["advance"]) * 1000))
            self.catch_up()
            if "market" in change:
                market.change_hours(change["market"])
                reschedule(market)
                reschedule_alerts(market)
                self.catch_up()
            market.save()

    def move_prices(self, changes: dict[str, dict[str, Any] | None]) -> None:
        """Pin or move prices, {symbol: {"last", "bid", "ask", "hold"}}, or give them back to their walk (None).

        Resting orders that a new price touches are filled at once, alerts that it reaches fire. Raises ValueError,
        before anything has changed.
        """
        market = self.market
        with self.state.transaction():
            self.catch_up()
            for override in [read_override(market, symbol, change) for symbol, change in changes.items()]:
                market.tape.add_override(override)
                bid, ask, last = override.held or (None, None, None)
                self.state.insert(
                    "price_override",
                    symbol=override.symbol, from_ms=override.from_ms, bid=bid, ask=ask, last=last,
                    factor=override.factor,
                )  # fmt: skip
                reschedule(market, override.symbol)
                reschedule_alerts(market, override.symbol)
            self.catch_up()

    def halt(self, changes: dict[str, bool]) -> None:
        """Halt trading in some symbols (true), or let it go on (false). Raises ValueError."""
        market = self.market
        with self.state.transaction():
            self.catch_up()
            for symbol, is_halted in changes.items():
                security = find_security(symbol)
                if security is None or not isinstance(is_halted, bool):
                    raise ValueError(f"no such symbol, or neither true nor false: {symbol}")
                (market.halted.add if is_halted else market.halted.discard)(security.symbol)
                reschedule(market, security.symbol)
            market.save()
            self.catch_up()

    def change_settings(self, values: dict[str, Any]) -> None:
        changed = Settings(**self.market.settings.as_dict())
        changed.change(values)
        with self.state.transaction():
            self.catch_up()
            self.market.settings = changed
            reschedule(self.market)
            self.market.save()
            self.catch_up()


def _check_clock_change(change: dict[str, Any]) -> None:
    unknown = set(change) - {"mode", "speed", "set", "advance", "market"}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    if change.get("mode", "running") not in ("running", "frozen"):
        raise ValueError("mode is running or frozen")
    if change.get("market", "calendar") not in MARKET_MODES:
        raise ValueError(f"market is one of {', '.join(MARKET_MODES)}")
    if not 0 < float(change.get("speed", 1)) <= 100_000:
        raise ValueError("speed is a number above 0, at most 100000")
    if float(change.get("advance", 0)) < 0:
        raise ValueError("advance is a number of seconds, not negative")
    parse_iso(change.get("set", "2026-01-01"))
