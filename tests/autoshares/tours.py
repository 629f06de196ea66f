"""A tour for each group of calls: every method of it, against the sandbox; what comes back makes sense."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from autoshares import (
    AccessType,
    AccountProvider,
    AchStatus,
    AchTransfer,
    AlertCondition,
    AlertDraft,
    BankLinkDraft,
    CandlePeriod,
    ChartExport,
    ChartSpan,
    CheckTransfer,
    Client,
    FundExchange,
    FundPurchase,
    FundSale,
    Indicator,
    LoginOutcome,
    OAuthClient,
    OptionType,
    OrderChange,
    OrderDraft,
    OrderStatus,
    OrderType,
    PlaidLinkDraft,
    ProfileChange,
    Registration,
    Side,
    TransactionType,
    TransferMechanism,
    TransferStatus,
    WatchlistType,
    WireTransfer,
    ZelleTransfer,
    errors,
)
from autoshares.streamers import StreamKind
from tests.support.sandboxes import Sandbox

from .signing_in import CALLBACK, PASSWORD, SignIn

MARGIN, CASH = 6412, 6413
DANA, SAM = 7311, 7312


@dataclass(frozen=True)
class Stage:
    """Who acts: Dana, who holds two accounts; Ada, who administers; anyone else by name."""

    sandbox: Sandbox
    dana: Client
    ada: Client
    make: Any  # a client without a token, or with the one that is given

    def advance(self, seconds: float) -> None:
        self.sandbox.control("clock", {"advance": seconds})

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.sandbox.control("clock")["now"]).astimezone(UTC)


def buy(quantity: int, *, at: str | None = "1.00", symbol: str = "AAPL") -> OrderDraft:
    return OrderDraft(
        type=OrderType.LIMIT if at else OrderType.MARKET,
        symbol=symbol,
        side=Side.BUY,
        quantity=Decimal(quantity),
        limit_price=Decimal(at) if at else None,
        client_id="tour-1",
        comment="tour-1",
    )


def login(stage: Stage) -> None:
    anyone = stage.make()
    step = anyone.login.start("investor@demo.test", PASSWORD)
    assert step.outcome is LoginOutcome.SUCCEEDED
    assert stage.make(step.token).users.me().id == DANA
    assert step.token not in repr(step)
    _two_factors(stage)
    _code_of_a_browser(stage)


def _two_factors(stage: Stage) -> None:
    """Robin is asked for a code that was mailed, then for a PIN."""
    factors = {"email": "trader@demo.test", "two_factor": True, "pin_asked": True, "pin": "2468"}
    stage.sandbox.control("users", factors)
    anyone, who = stage.make(), ("trader@demo.test", PASSWORD)
    step = anyone.login.start(*who)
    assert step.outcome is LoginOutcome.NEEDS_CODE
    code = re.search(r"\d{6}", stage.sandbox.control("mail?to=trader@demo.test")[0]["text"])[0]
    step = anyone.login.enter_code(*who, code, interim_token=step.token)
    assert step.outcome is LoginOutcome.NEEDS_PIN
    step = anyone.login.enter_pin(*who, "2468", interim_token=step.token)
    assert step.outcome is LoginOutcome.SUCCEEDED
    assert stage.make(step.token).is_signed_in()


def _code_of_a_browser(stage: Stage) -> None:
    application = {"client_id": "demo-harbor-client", "client_secret": "demo-harbor-client-secret"}
    oauth = OAuthClient(issuer=stage.sandbox.issuer, **application)
    code = SignIn.as_user(oauth, "investor@demo.test").callback["code"]
    step = stage.make().login.exchange_code(code, redirect_uri=CALLBACK)
    assert stage.make(step.token).users.me().id == DANA


def logout(stage: Stage) -> None:
    stage.dana.logout()
    assert not stage.dana.is_signed_in()


def health(stage: Stage) -> None:
    assert stage.make().health()


def users(stage: Stage) -> None:
    dana = stage.dana
    assert dana.users.get(DANA) == dana.users.me()
    assert stage.ada.users.by_email("investor@demo.test").id == DANA
    both = dana.accounts.consolidated_balances([MARGIN, CASH])
    assert dana.users.balances().equity == both.equity
    assert "Auto" in dana.users.exchanges()
    profile = dana.users.update(ProfileChange(middle_name="Maria"))
    assert (profile.id, profile.middle_name) == (DANA, "Maria")
    assert dana.users.me().middle_name == "Maria"
    stage.sandbox.control("users", {"email": "investor@demo.test", "pin": "2468"})
    dana.users.reset_pin()
    with pytest.raises(errors.AutoSharesError):
        dana.users.join_professionals("never mailed")
    mail = stage.sandbox.control("mail", {"email": "investor@demo.test", "purpose": "AddUserToProGroup"})
    dana.users.join_professionals(re.search(r"token is (\w+)", mail[0]["text"])[1])
    with pytest.raises(errors.Invalid):
        dana.users.change_password("wrong", "a-new-password")
    dana.users.change_password(PASSWORD, "a-new-password")
    assert not dana.is_signed_in()


def settings(stage: Stage) -> None:
    before = stage.dana.settings.trading()
    assert before.stocks is not None
    changed = replace(
        before, quantity_step=5, confirmations={**before.confirmations, "cancel": "DoNotShow"}, keeps_ticket_open=True
    )
    assert stage.dana.settings.save_trading(changed) == changed
    assert stage.dana.settings.trading() == changed


def registration(stage: Stage) -> None:
    anyone = stage.make()
    units = {unit.name: unit for unit in anyone.registration.schema()}
    assert {field.name for field in units["Credentials"].fields if field.is_required} == {"Login", "Email", "Password"}
    new = Registration(
        login="kim.lee", email="kim@demo.test", password=PASSWORD, first_name="Kim", last_name="Lee", state="NY"
    )
    user = anyone.registration.register(new, origin="http://localhost:8000")
    assert user.full_name == "Kim Lee"
    with pytest.raises(errors.Conflict) as refusal:
        anyone.registration.register(new, origin="http://localhost:8000")
    assert refusal.value.message
    assert anyone.login.start("kim.lee", PASSWORD).outcome is LoginOutcome.SUCCEEDED


def account_requests(stage: Stage) -> None:
    sam = stage.make(stage.make().login.start("newcomer@demo.test", PASSWORD).token)
    request = sam.account_requests.open()
    assert request.provider is AccountProvider.PAPER_TRADING
    [account] = sam.accounts.of_me()
    assert account.clearing_firm == "PaperTrading"
    submitted, canceled = (sam.account_requests.open(AccountProvider.VELOX) for _ in range(2))
    sam.account_requests.submit(submitted.id, form_data="form-78")
    sam.account_requests.cancel(canceled.id, reason="Later")
    assert [one.status for one in sam.account_requests.list()][1:] == ["Submitted", "Canceled"]
    with pytest.raises(errors.Conflict):
        sam.account_requests.submit(canceled.id)


def accounts(stage: Stage) -> None:
    dana, ada = stage.dana, stage.ada
    assert {account.id for account in dana.accounts.of_user(DANA)} == {MARGIN, CASH}
    assert {MARGIN, CASH} <= {account.id for account in ada.accounts.all()}
    assert {account.id for account in dana.accounts.all()} == {MARGIN, CASH}
    assert dana.accounts.get(MARGIN).id == MARGIN
    assert dana.accounts.details(MARGIN).provider == "PaperTrading"
    each = [dana.accounts.balances(account_id).cash for account_id in (MARGIN, CASH)]
    assert dana.accounts.consolidated_balances([MARGIN, CASH]).cash == sum(each)
    span = {"since": stage.now - timedelta(days=30), "until": stage.now}
    curve = dana.accounts.history(MARGIN, **span)
    assert len(curve) > 15
    assert all(point.at and point.value for point in curve)
    together = dana.accounts.consolidated_history([MARGIN, CASH], **span)
    assert together[-1].value == curve[-1].value + dana.accounts.history(CASH, **span)[-1].value
    dana.accounts.select(MARGIN)
    dana.accounts.rename(CASH, "Rainy days / 2")
    assert {account.alias for account in dana.accounts.of_me() if account.id == CASH} == {"Rainy days / 2"}
    dana.accounts.clear_alias(CASH)
    assert "Rainy days / 2" not in {account.alias for account in dana.accounts.of_me()}
    _bindings(dana, ada)


def _bindings(dana: Client, ada: Client) -> None:
    [owner] = dana.accounts.users(MARGIN)
    assert (owner.user.id, owner.access_type) == (DANA, AccessType.OWNER)
    with pytest.raises(errors.Unauthorized):
        dana.accounts.bind(MARGIN, SAM, AccessType.FULL)
    [bound] = ada.accounts.bind(MARGIN, SAM, AccessType.READ_ONLY)
    assert (bound.user.id, bound.access_type) == (SAM, AccessType.READ_ONLY)
    assert {user.user.id for user in dana.accounts.users(MARGIN)} == {DANA, SAM}
    assert {user.user.id for user in ada.accounts.unbind(MARGIN, SAM)} == {DANA}
    name = ada.users.get(SAM).login
    assert ada.accounts.bind_by_name(MARGIN, name, AccessType.FULL)[0].access_type is AccessType.FULL


def agreements(stage: Stage) -> None:
    for agreement in stage.dana.agreements.outstanding():
        stage.dana.agreements.sign(agreement.id)
    assert stage.dana.agreements.outstanding() == []


def equities(stage: Stage) -> None:
    group = stage.dana.equities
    [apple] = group.page("Symbol = 'AAPL'")
    assert group.get(apple.id) == group.by_symbol("AAPL") == apple
    assert apple in group.lookup("apple", filter="Type = 'CommonStock'")
    assert group.logo("AAPL").startswith(b"\x89PNG")
    assert group.currency_rate("USD", "EUR").last > 0
    with pytest.raises(errors.NotFound):
        group.logo("NOSUCH")


def options(stage: Stage) -> None:
    group = stage.dana.options
    first = min(group.expirations("AAPL"), key=lambda series: series.expires_at)
    [expiration] = group.chain("AAPL", expires_at=first.expires_at, strikes=2).expirations
    assert expiration.expires_at == first.expires_at
    assert {option.type for option in expiration.options} == {OptionType.CALL, OptionType.PUT}
    one = expiration.options[0]
    assert group.get(one.id) == group.by_symbol(one.symbol)
    series = list(group.list("AAPL", series_id=first.series_id))
    assert one.symbol in {option.symbol for option in series}
    assert {option.underlying_symbol for option in series} == {"AAPL"}


def history(stage: Stage) -> None:
    group = stage.dana.history
    span = ChartSpan(since=stage.now - timedelta(days=60), until=stage.now)
    chart = group.candles("AAPL", span, indicators=[Indicator("SMA", (10, 0))])
    assert len(chart.candles) > 30
    assert [candle.opens_at for candle in chart.candles] == sorted(candle.opens_at for candle in chart.candles)
    assert all(candle.low <= candle.close <= candle.high for candle in chart.candles)
    [average] = chart.indicators
    assert average[-1].values
    assert len(group.candles("V", ChartSpan(period=CandlePeriod.MINUTES_5, count=20)).candles) == 20
    both = group.compare(["AAPL", "V"], span)
    assert set(both) == {"AAPL", "V"}
    assert [candle.close for candle in both["AAPL"]] == [candle.close for candle in chart.candles]
    workbook = group.export(ChartExport(security_ids=(stage.dana.equities.by_symbol("AAPL").id,), span=span))
    assert workbook.startswith(b"PK")


def news(stage: Stage) -> None:
    item = stage.dana.news.of_symbol("AAPL")[0]
    assert item.at
    assert item.headline
    assert all(action.type for action in stage.dana.news.corporate_actions("AAPL"))


def watchlists(stage: Stage) -> None:
    group = stage.dana.watchlists
    apple, visa = (stage.dana.equities.by_symbol(symbol).id for symbol in ("AAPL", "V"))
    mine = group.create("Mine", [apple])
    assert [security.symbol for security in mine.securities] == ["AAPL"]
    with pytest.raises(errors.Conflict):
        group.create("Mine")
    assert {security.id for security in group.add(mine.id, visa).securities} == {apple, visa}
    assert [security.id for security in group.remove(mine.id, apple).securities] == [visa]
    assert {security.id for security in group.add_symbol(mine.id, "AAPL").securities} == {apple, visa}
    assert [security.id for security in group.remove_symbol(mine.id, "AAPL").securities] == [visa]
    assert group.rename(mine.id, "Yours & mine") == "Yours & mine"
    assert group.get(mine.id).name == "Yours & mine"
    assert group.get(mine.id, with_securities=False).securities is None
    builtin = [each for each in group.list() if each.type is WatchlistType.SYSTEM_LIST]
    assert builtin
    assert all(each.is_read_only and not each.name.startswith("*") for each in builtin)
    group.delete(mine.id)
    with pytest.raises(errors.Conflict):
        group.get(mine.id)


def alerts(stage: Stage) -> None:
    group = stage.dana.alerts
    draft = AlertDraft(
        security_id=stage.dana.equities.by_symbol("AAPL").id,
        condition=AlertCondition.AT_OR_ABOVE,
        price=Decimal("9000.50"),
        expires_at=stage.now + timedelta(days=2),
    )
    alert = group.create(draft)
    assert (alert.symbol, alert.price, alert.condition) == ("AAPL", draft.price, draft.condition)
    assert abs(alert.expires_at - draft.expires_at) < timedelta(seconds=1)
    changed = group.update(alert.id, replace(draft, price=Decimal("9001.25")))
    assert group.get(alert.id) == changed
    assert alert.id in {each.id for each in group.list()}
    group.delete(alert.id)
    assert alert.id not in {each.id for each in group.list()}


def orders(stage: Stage) -> None:
    dana = stage.dana
    assert dana.orders.limits(MARGIN, "AAPL", price=Decimal("170.50")).buy_limit > 0
    assert dana.orders.preview(MARGIN, buy(2), language="en-US").is_successful
    with dana.orders.leave(MARGIN):
        order = dana.orders.place(MARGIN, buy(2))
    stage.advance(5)
    dearer = replace(OrderChange.of(dana.orders.get(MARGIN, order.id)), limit_price=Decimal("1.25"))
    assert dana.orders.preview_replace(MARGIN, dearer).order_id == order.id
    assert dana.orders.replace(MARGIN, dearer).id == order.id
    stage.advance(5)
    assert dana.orders.get(MARGIN, order.id).limit_price == Decimal("1.25")
    assert dana.orders.verified(MARGIN, order.id).is_successful
    assert order.id in {each.id for each in dana.orders.list(MARGIN, statuses=[OrderStatus.NEW])}
    assert order.id in {each.id for each in dana.orders.consolidated([MARGIN, CASH])}
    dana.orders.cancel(MARGIN, order.id)
    stage.advance(5)
    assert "Cancel" in {event.target for event in dana.orders.details(MARGIN, order.id)}


def sync_orders(stage: Stage) -> None:
    group = stage.dana.sync_orders
    assert group.preview(MARGIN, buy(2)).is_successful
    with group.leave(MARGIN):
        order = group.place(MARGIN, buy(2))
    assert order.status is OrderStatus.NEW
    more = replace(OrderChange.of(order), quantity=Decimal(3))
    assert group.preview_replace(MARGIN, more).is_successful
    assert group.replace(MARGIN, more).quantity == 3
    assert group.get(MARGIN, order.id).quantity == 3
    group.cancel(MARGIN, order.id)
    [found] = (each for each in group.list(MARGIN) if each.id == order.id)
    assert found.status is OrderStatus.CANCELED


def positions(stage: Stage) -> None:
    group = stage.dana.positions
    held = list(group.list(MARGIN))
    assert group.by_symbol(MARGIN, held[0].symbol)[0].id == held[0].id
    assert "Cash" in {allocation.name for allocation in group.groups(MARGIN)}
    largest, *others = group.top(MARGIN, 3)
    assert len(others) == 2
    assert all(largest.market_value >= other.market_value for other in others)
    everywhere = list(group.consolidated([MARGIN, CASH]))
    assert {position.account_id for position in everywhere} == {MARGIN, CASH}
    assert len(everywhere) == len(held) + len(list(group.list(CASH)))


def transactions(stage: Stage) -> None:
    group = stage.dana.transactions
    _trade(stage)
    rows = list(group.list(MARGIN))
    assert {"OrderExecution", "Commission"} <= {row.type for row in rows}
    assert {row.type for row in rows} <= set(group.allowed_types(MARGIN)) | set(TransactionType)
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    assert list(group.list(MARGIN, until=stage.now - timedelta(days=9000))) == []
    assert "".join(group.report(MARGIN))
    assert len(list(group.consolidated([MARGIN]))) == len(rows)


def activity(stage: Stage) -> None:
    group = stage.dana.activity
    _trade(stage)
    rows = list(group.list(MARGIN))
    assert rows
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
    assert list(group.list(MARGIN, since=stage.now + timedelta(days=1))) == []
    assert group.allowed_types(MARGIN)
    assert "".join(group.report(MARGIN))


def _trade(stage: Stage) -> None:
    stage.dana.orders.place(MARGIN, buy(2, at=None))
    stage.advance(30)


def ach(stage: Stage) -> None:
    group = stage.dana.ach
    draft = BankLinkDraft(
        name="Checking", owner_name="Somebody Else", routing_number="021000021", account_number="1234567890"
    )
    link = group.link(MARGIN, draft)
    assert "1234567890" not in link.shown_number
    assert group.rename(MARGIN, link.id, "Everyday").name == "Everyday"
    assert group.get(MARGIN, link.id).name == "Everyday"
    told = next(each for each in _links(stage) if each["id"] == link.id)["small_amounts"]
    first, second = map(Decimal, told)
    assert group.approve(MARGIN, link.id, (second, first)).status is AchStatus.APPROVED
    plaid = PlaidLinkDraft(public_token="public-1", plaid_account_ids=("plaid-account",), bank_name="First")
    [instant] = group.link_plaid(MARGIN, plaid)
    assert instant.status is AchStatus.APPROVED
    group.make_default(MARGIN, instant.id)
    assert group.default(MARGIN).id == instant.id
    assert {each.id for each in group.list(MARGIN, status=AchStatus.APPROVED)} >= {link.id, instant.id}
    assert group.close(MARGIN, link.id, reason="moved").status is AchStatus.CANCELED


def _links(stage: Stage) -> list[dict[str, Any]]:
    return stage.sandbox.control(f"money?account={MARGIN}")["links"]


def transfers(stage: Stage) -> None:
    group = stage.dana.transfers
    plaid = PlaidLinkDraft(public_token="public-1", plaid_account_ids=("plaid-account",), bank_name="First")
    [link] = stage.dana.ach.link_plaid(MARGIN, plaid)
    deposit = AchTransfer(bank_link_id=link.id, is_deposit=True, amount=Decimal("250.50"))
    wire = WireTransfer(routing_number="021000021", account_number="1234567890", amount=Decimal(200))
    sent = [
        group.send_ach(MARGIN, deposit),
        group.send_wire(MARGIN, wire),
        group.send_check(MARGIN, CheckTransfer(amount=Decimal(100), memo="rent")),
        group.send_zelle(MARGIN, ZelleTransfer(amount=Decimal(20), name="Kim Lee", email="kim@demo.test")),
    ]
    assert [transfer.mechanism for transfer in sent] == ["ACH", "Wire", "Check", "Zelle"]
    assert (sent[0].is_deposit, sent[0].amount, sent[0].status) == (True, Decimal("250.50"), TransferStatus.SUBMITTED)
    assert {transfer.id for transfer in group.list(MARGIN)} >= {transfer.id for transfer in sent}
    [fee] = group.fees(MARGIN, sent[1].id)
    assert fee.customer_debit == 25
    group.cancel(MARGIN, sent[2].id, comment="not now")
    assert not group.ira_constraints(MARGIN, TransferMechanism.ACH, is_deposit=True).is_retirement
    with pytest.raises(errors.Conflict):
        group.send_check(MARGIN, CheckTransfer(amount=Decimal(900_000_000)))


def streamers(stage: Stage) -> None:
    addresses = stage.dana.streamers.addresses()
    assert addresses.quotes[0].url.startswith("ws")
    assert addresses.data
    assert stage.dana.streamers.recover(StreamKind.QUOTE)


def mutual_funds(stage: Stage) -> None:
    group = stage.dana.mutual_funds
    fund, other = "VFIAX", "VTSAX"  # of one family
    purchase, sale = FundPurchase(symbol=fund, quantity=Decimal(5000)), FundSale(symbol=fund, quantity=Decimal("1.5"))
    swap = FundExchange(source=fund, target=other)
    assert group.preview_buy("6412", purchase).is_successful
    order = group.buy("6412", purchase)
    group.cancel("6412", order.id)
    with pytest.raises(errors.Conflict):
        group.cancel("6412", order.id)
    group.buy("6412", purchase)
    stage.advance(3 * 86_400)
    assert group.preview_sell("6412", sale).is_successful
    assert group.sell("6412", sale).quantity == Decimal("1.5")
    stage.advance(3 * 86_400)
    assert group.preview_exchange("6412", swap).is_successful
    assert group.exchange("6412", swap).id
    stage.advance(3 * 86_400)
    held = [each.symbol for each in stage.dana.positions.list(MARGIN) if each.symbol == other and each.quantity]
    assert held == [other]
    assert group.preview_liquidate("6412", other).is_successful
    assert group.liquidate("6412", other).id


def ipo(stage: Stage) -> None:
    group = stage.dana.ipo
    assert group.industries()
    assert isinstance(group.security_info(), str)
    offering = next(group.offerings(MARGIN))
    group.follow(MARGIN, offering.reference)
    followed = {each.reference for each in group.offerings(MARGIN) if each.is_followed}
    assert followed == {offering.reference}
    group.unfollow(MARGIN, offering.reference)
    assert not any(each.is_followed for each in group.offerings(MARGIN))


TOURS = {
    tour.__name__: tour
    for tour in (
        login,
        logout,
        health,
        users,
        settings,
        registration,
        account_requests,
        accounts,
        agreements,
        equities,
        options,
        history,
        news,
        watchlists,
        alerts,
        orders,
        sync_orders,
        positions,
        transactions,
        activity,
        ach,
        transfers,
        streamers,
        mutual_funds,
        ipo,
    )
}
