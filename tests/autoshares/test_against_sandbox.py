"""Every method of the client against the sandbox process, over HTTP, from the sign-in page to the filled order."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from autoshares import (
    AgreementType,
    Client,
    MarginType,
    OAuthClient,
    OrderDraft,
    OrderStatus,
    OrderType,
    Patience,
    Side,
    TimeInForce,
    errors,
    new_verifier,
)

from .signing_in import SignIn

NO_WAITING = Patience(pause=lambda seconds: None)
MARGIN_ACCOUNT, CASH_ACCOUNT, TRADERS_ACCOUNT = 6412, 6413, 6420


@pytest.fixture
def oauth(sandbox) -> OAuthClient:
    return OAuthClient(
        issuer=sandbox.issuer,
        client_id="demo-harbor-client",
        client_secret="demo-harbor-client-secret",
        patience=NO_WAITING,
    )


@pytest.fixture
def client_of(sandbox, oauth):
    """A factory: the client of a demo user who has just signed in."""

    def make(email: str, **options) -> Client:
        token = SignIn.as_user(oauth, email).exchange().access_token
        settings = {"base_url": sandbox.api_url, "app_key": "demo-harbor-app-key-secret", "token": token}
        return Client(**(settings | {"patience": NO_WAITING} | options))

    return make


@pytest.fixture
def investor(client_of) -> Client:
    """Dana, who has signed everything."""
    client = client_of("investor@demo.test")
    for agreement in client.agreements.outstanding():
        client.agreements.sign(agreement.id)
    return client


def draft(**changes) -> OrderDraft:
    settings = {
        "symbol": "AAPL",
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "quantity": Decimal(2),
        "limit_price": Decimal("1.00"),
        "time_in_force": TimeInForce.DAY,
        "client_id": "sf-1",
        "comment": "sf-1",
    }
    return OrderDraft(**(settings | changes))


def market_order(**changes) -> OrderDraft:
    return draft(type=OrderType.MARKET, limit_price=None, **changes)


def posts_of_orders(sandbox) -> int:
    path = f"/api/v1.0/accounts/{MARGIN_ACCOUNT}/orders"
    return sum(r["method"] == "POST" and r["path"] == path for r in sandbox.control("requests"))


class TestSignIn:
    def test_it_ends_with_tokens_of_that_user(self, oauth):
        sign_in = SignIn.as_user(oauth, "investor@demo.test")
        tokens = sign_in.exchange()
        claims = oauth.verify_id_token(tokens.id_token, nonce=sign_in.nonce)
        assert sign_in.callback["state"] == "st"
        assert sign_in.callback["iss"] == oauth.issuer
        assert oauth.userinfo(tokens.access_token)["sub"] == claims["sub"]
        assert tokens.expires_in == 86400
        assert tokens.can_refresh

    def test_a_code_works_once(self, oauth):
        sign_in = SignIn.as_user(oauth, "investor@demo.test")
        sign_in.exchange()
        with pytest.raises(errors.InvalidGrant):
            sign_in.exchange()

    def test_a_code_is_worthless_without_its_verifier(self, oauth):
        sign_in = SignIn.as_user(oauth, "investor@demo.test")
        sign_in.verifier = new_verifier()
        with pytest.raises(errors.InvalidGrant):
            sign_in.exchange()

    def test_consent_can_be_denied(self, oauth):
        denied = SignIn.as_user(oauth, "investor@demo.test", decision="deny")
        assert denied.callback["error"] == "access_denied"

    def test_a_wrong_secret_is_our_fault(self, sandbox, oauth):
        sign_in = SignIn.as_user(oauth, "investor@demo.test")
        sign_in.oauth = OAuthClient(
            issuer=sandbox.issuer, client_id="demo-harbor-client", client_secret="wrong", patience=NO_WAITING
        )
        with pytest.raises(errors.InvalidClient):
            sign_in.exchange()

    def test_a_refresh_token_lives_until_it_is_revoked(self, sandbox, oauth):
        tokens = SignIn.as_user(oauth, "investor@demo.test").exchange()
        renewed = oauth.refresh(tokens.refresh_token)
        assert renewed.access_token != tokens.access_token
        kept = renewed.refresh_token or tokens.refresh_token
        oauth.revoke(kept)
        with pytest.raises(errors.InvalidGrant):
            oauth.refresh(kept)

    def test_the_way_out_leads_back(self, oauth):
        answer = requests.get(oauth.logout_url("http://localhost:8000/signed-out/"), allow_redirects=False, timeout=5)
        assert answer.headers["Location"] == "http://localhost:8000/signed-out/"


class TestUsers:
    def test_me(self, investor):
        me = investor.users.me()
        assert (me.full_name, me.email) == ("Dana Reyes", "investor@demo.test")
        assert me.id > 0

    def test_an_unknown_app_key_is_a_misconfiguration_not_an_ended_session(self, client_of):
        with pytest.raises(errors.Misconfigured):
            client_of("investor@demo.test", app_key="wrong").users.me()

    def test_a_token_ends_at_sign_out(self, investor):
        assert investor.is_signed_in()
        investor.logout()
        assert not investor.is_signed_in()

    def test_health(self, sandbox):
        assert Client(base_url=sandbox.api_url, app_key="demo-harbor-app-key-secret").health()


class TestAccounts:
    def test_of_me(self, investor, client_of):
        margin, cash = investor.accounts.of_me()
        assert (margin.id, margin.margin_type) == (MARGIN_ACCOUNT, MarginType.MARGIN)
        assert (cash.id, cash.margin_type) == (CASH_ACCOUNT, MarginType.CASH)
        assert margin.access_type.may_trade
        assert client_of("newcomer@demo.test").accounts.of_me() == []

    def test_balances_add_up(self, investor):
        balances = investor.accounts.balances(MARGIN_ACCOUNT)
        assert balances.equity == balances.cash + balances.market_value
        assert balances.stock_buying_power > 0

    def test_record_and_opening(self, investor, client_of):
        assert investor.accounts.get(MARGIN_ACCOUNT).id == MARGIN_ACCOUNT
        assert investor.accounts.details(MARGIN_ACCOUNT).provider == "PaperTrading"
        assert client_of("trader@demo.test").accounts.get(TRADERS_ACCOUNT).option_level == 3

    def test_anothers_account_is_told_from_an_ended_session(self, investor):
        with pytest.raises(errors.Unauthorized) as failure:
            investor.accounts.balances(TRADERS_ACCOUNT)
        assert failure.value.concerns_account
        assert failure.value.is_refusal
        assert investor.is_signed_in()

    def test_an_unknown_account_is_a_server_error(self, investor):
        with pytest.raises(errors.ServerError):
            investor.accounts.balances(999_999)


class TestAgreements:
    def test_they_are_outstanding_until_signed(self, client_of):
        client = client_of("investor@demo.test")
        outstanding = client.agreements.outstanding()
        assert {(a.type, a.can_skip) for a in outstanding} == {
            (AgreementType.PLATFORM_AGREEMENT, False),
            (AgreementType.MARKET_DATA_AGREEMENT, False),
            (AgreementType.DAY_TRADING_AGREEMENT, True),
        }
        client.agreements.sign(outstanding[0].id)
        client.agreements.sign(outstanding[0].id)
        assert outstanding[0].id not in {a.id for a in client.agreements.outstanding()}

    def test_an_unknown_one_cannot_be_signed(self, investor):
        with pytest.raises(errors.Invalid) as failure:
            investor.agreements.sign(999_999)
        assert failure.value.is_refusal


class TestEquities:
    def test_lookup(self, investor):
        assert "AAPL" in {equity.symbol for equity in investor.equities.lookup("aapl")}
        assert len(investor.equities.lookup("a", count=3)) == 3
        assert investor.equities.lookup("no such company") == []

    def test_by_symbol(self, investor):
        apple = investor.equities.by_symbol("AAPL")
        assert apple.tick_size == Decimal("0.01")
        assert apple.allows_trade

    @pytest.mark.parametrize("symbol", ["NOSUCH", "4", "A/B", "..", "AAPL?x=1", "$(x)"])
    def test_there_is_no_such_symbol(self, investor, symbol):
        with pytest.raises(errors.NotFound):
            investor.equities.by_symbol(symbol)

    def test_all_of_them(self, investor):
        everything = list(investor.equities.page())
        symbols = [equity.symbol for equity in everything]
        assert len(symbols) == len(set(symbols)) > 40
        assert symbols == sorted(symbols)
        some = investor.equities.page("Exchange = 'XNAS' and AllowTrade = true")
        assert {equity.exchange for equity in some} == {"XNAS"}


class TestOrders:
    def test_preview_costs_and_places_nothing(self, investor):
        preview = investor.orders.preview(MARGIN_ACCOUNT, draft())
        assert preview.is_successful
        assert preview.cost == Decimal("2.00")
        assert preview.net_cost == preview.cost + preview.commission
        assert preview.quote_of("AAPL").ask > preview.quote_of("AAPL").bid
        assert list(investor.orders.list(MARGIN_ACCOUNT)) == []

    def test_preview_says_what_is_wrong(self, investor):
        preview = investor.orders.preview(MARGIN_ACCOUNT, draft(quantity=Decimal(1_000_000), limit_price=Decimal(100)))
        assert not preview.is_successful
        assert preview.error_code == "DayTradingBuyingPowerExceeded"
        assert preview.error_text

    def test_a_limit_order_rests_until_it_is_canceled(self, investor, sandbox):
        order = investor.orders.place(MARGIN_ACCOUNT, draft(limit_price=Decimal("1.20")))
        assert (order.client_id, order.comment) == ("sf-1", "sf-1")
        assert order.carries("sf-1")
        assert order.limit_price == Decimal("1.2")
        sandbox.control("clock", {"advance": 5})
        assert investor.orders.get(MARGIN_ACCOUNT, order.id).status is OrderStatus.NEW
        investor.orders.cancel(MARGIN_ACCOUNT, order.id)
        sandbox.control("clock", {"advance": 5})
        canceled = investor.orders.get(MARGIN_ACCOUNT, order.id)
        assert canceled.status is OrderStatus.CANCELED
        assert canceled.status.is_final
        with pytest.raises(errors.Conflict) as failure:
            investor.orders.cancel(MARGIN_ACCOUNT, order.id)
        assert failure.value.is_refusal

    def test_a_market_order_fills_and_tells_its_story(self, investor, sandbox):
        order = investor.orders.place(MARGIN_ACCOUNT, market_order())
        sandbox.control("clock", {"advance": 120})
        filled = investor.orders.get(MARGIN_ACCOUNT, order.id)
        assert filled.status is OrderStatus.FILLED
        assert (filled.executed_quantity, filled.leaves_quantity) == (2, 0)
        assert filled.average_price > 0
        story = investor.orders.details(MARGIN_ACCOUNT, order.id)
        assert story[0].is_request
        assert all(event.at for event in story)
        assert sum(event.last_quantity for event in story if event.target == "Execution") == 2

    def test_what_the_checks_refuse_comes_back_rejected_with_a_reason(self, investor):
        order = investor.orders.place(MARGIN_ACCOUNT, draft(quantity=Decimal(1_000_000), limit_price=Decimal(100)))
        assert order.status is OrderStatus.REJECTED
        assert order.reason

    def test_an_unreadable_order_is_invalid(self, investor):
        with pytest.raises(errors.Invalid) as failure:
            investor.orders.place(MARGIN_ACCOUNT, draft(type=OrderType("Guess")))
        assert failure.value.is_refusal
        assert "Type" in failure.value.fields

    def test_a_list_reaches_over_all_pages_oldest_first(self, client_of, sandbox):
        client = client_of("trader@demo.test")
        for agreement in client.agreements.outstanding():
            client.agreements.sign(agreement.id)
        sandbox.control("faults", {"settings": {"rate_limits": False}})
        placed = [client.orders.place(TRADERS_ACCOUNT, draft(client_id=f"sf-{number}")).id for number in range(104)]
        assert [order.id for order in client.orders.list(TRADERS_ACCOUNT)] == placed

    def test_a_list_can_be_narrowed(self, investor, sandbox):
        order = investor.orders.place(MARGIN_ACCOUNT, draft())
        sandbox.control("clock", {"advance": 5})
        created = investor.orders.get(MARGIN_ACCOUNT, order.id).created_at

        def found(**options):
            return [order.id for order in investor.orders.list(MARGIN_ACCOUNT, **options)]

        assert found(statuses=[OrderStatus.NEW]) == [order.id]
        assert found(statuses=[OrderStatus.FILLED]) == []
        assert found(statuses=[OrderStatus.NEW, OrderStatus.HELD]) == [order.id]
        assert found(created_since=created - timedelta(seconds=2)) == [order.id]
        assert found(created_since=created + timedelta(seconds=2)) == []
        assert found(statuses=[OrderStatus.NEW], created_since=datetime(2020, 1, 1, tzinfo=UTC)) == [order.id]

    def test_limits(self, investor):
        limits = investor.orders.limits(MARGIN_ACCOUNT, "AAPL")
        assert limits.symbol == "AAPL"
        assert limits.buy_limit > 0

    def test_too_many_a_minute_are_told_when_to_come_back(self, investor, sandbox):
        with pytest.raises(errors.RateLimited) as failure:
            for number in range(60):
                investor.orders.place(MARGIN_ACCOUNT, draft(client_id=f"sf-{number}"))
        assert 0 < failure.value.retry_after <= 60
        assert len(list(investor.orders.list(MARGIN_ACCOUNT))) == 50

    def test_placing_needs_the_agreements(self, client_of, sandbox):
        sandbox.control("faults", {"settings": {"enforce_agreements": True}})
        order = client_of("investor@demo.test").orders.place(MARGIN_ACCOUNT, draft())
        assert order.status is OrderStatus.REJECTED
        assert "agreements" in order.reason


class TestABracket:
    def test_it_is_an_entry_and_two_orders_that_wait_for_it(self, investor):
        bracket = OrderDraft.bracket(
            draft(limit_price=Decimal("1.00"), client_id="entry"),
            draft(side=Side.SELL, limit_price=Decimal("9000.00"), client_id="profit"),
            draft(side=Side.SELL, type=OrderType.STOP, limit_price=None, stop_price=Decimal("0.50"), client_id="stop"),
            client_id="bracket-1",
        )
        head = investor.orders.place(MARGIN_ACCOUNT, bracket)
        assert head.carries("bracket-1")
        entry, profit, stop = investor.orders.get(MARGIN_ACCOUNT, head.id).legs
        assert {leg.parent_id for leg in (entry, profit, stop)} == {head.id}
        assert (profit.status, stop.status) == (OrderStatus.HELD, OrderStatus.HELD)
        assert stop.stop_price == Decimal("0.50")


class TestPositions:
    def test_list_and_by_symbol(self, investor):
        positions = list(investor.positions.list(MARGIN_ACCOUNT))
        assert len(positions) >= 8
        one = positions[0]
        assert one.cost_basis == one.average_open_price * one.quantity * one.contract_size
        [same] = investor.positions.by_symbol(MARGIN_ACCOUNT, one.symbol)
        assert same.quantity == one.quantity
        held = {position.symbol for position in investor.positions.list(CASH_ACCOUNT)}
        [not_held, *_] = {position.symbol for position in positions} - held
        assert investor.positions.by_symbol(CASH_ACCOUNT, not_held) == []
        with pytest.raises(errors.ServerError):
            investor.positions.by_symbol(MARGIN_ACCOUNT, "NOSUCH")


class TestFaults:
    """The sandbox misbehaves on the wire; its own ledger is the judge."""

    PATH = f"/api/v1.0/accounts/{MARGIN_ACCOUNT}/orders"

    @pytest.mark.parametrize(
        ("fault", "was_made"),
        [
            ({"action": "reset", "when": "after"}, True),
            ({"action": "reset", "when": "before"}, False),
            ({"action": "truncate"}, True),
            ({"action": "hang_before", "seconds": 1}, False),
            ({"action": "hang_after", "seconds": 1}, True),
            ({"action": "status", "status": 503, "when": "before"}, False),
            ({"action": "status", "status": 504, "when": "after"}, True),
            ({"action": "status", "status": 500, "when": "after"}, True),
        ],
    )
    def test_an_order_in_trouble_is_unknown_and_can_be_found(self, client_of, investor, sandbox, fault, was_made):
        client = client_of("investor@demo.test", read_timeout=0.3 if "hang" in fault["action"] else 5)
        sandbox.control("faults", {"method": "POST", "path": self.PATH} | fault)
        with pytest.raises(errors.Unavailable) as failure:
            client.orders.place(MARGIN_ACCOUNT, draft())
        assert not failure.value.never_sent
        assert not failure.value.is_refusal
        found = [order for order in investor.orders.list(MARGIN_ACCOUNT) if order.carries("sf-1")]
        assert len(found) == was_made
        assert posts_of_orders(sandbox) == 1

    def test_a_limit_of_requests_is_unknown_too(self, investor, sandbox):
        fault = {"action": "status", "status": 429, "headers": {"Retry-After": "7"}}
        sandbox.control("faults", {"method": "POST", "path": self.PATH} | fault)
        with pytest.raises(errors.RateLimited) as failure:
            investor.orders.place(MARGIN_ACCOUNT, draft())
        assert failure.value.retry_after == 7
        assert not failure.value.is_refusal

    @pytest.mark.parametrize("action", ["reset", "truncate", "status"])
    def test_a_read_in_trouble_is_read_again(self, investor, sandbox, action):
        sandbox.control("faults", {"path": "/api/v1.0/users/@me/info", "action": action, "count": 2})
        assert investor.users.me().full_name == "Dana Reyes"
