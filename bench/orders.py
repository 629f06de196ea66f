"""How long an order takes from the click to the page that shows it, beside the bare call that it needs."""

import shutil
import statistics
import time
from decimal import Decimal

import requests
from playwright.sync_api import APIRequestContext, sync_playwright

from autoshares.client import Client
from autoshares.enums import OrderType, Side, TimeInForce
from autoshares.models import OrderDraft
from tests.browser.steps import open_portfolio
from tests.deploy.demo_process import DemoProcess

ORDERS = 40  # the vendor takes 50 a minute
ACCOUNT = 6420
APP_KEY = "demo-harbor-app-key-secret"
EMAIL, PASSWORD = "trader@demo.test", "open-the-market"


def measure_order_path(demo: DemoProcess) -> dict[str, dict[str, object]]:
    """Milliseconds per order: through the whole application, and bare; and their ratio."""
    bare = _placements_at_the_sandbox(demo.addresses["sandbox"])
    time.sleep(60)  # both kinds count against the same limit
    ours = _placements_through_the_pages(demo.addresses["web"])
    p50, p99 = statistics.median(ours), statistics.quantiles(ours, n=100)[98]
    bare_p50 = statistics.median(bare)
    return {
        "order_path_p50_ms": _figure(p50, "ms", f"POST of the review page until its answer, {ORDERS} orders"),
        "order_path_p99_ms": _figure(p99, "ms", f"the same, {ORDERS} orders"),
        "order_path_bare_p50_ms": _figure(bare_p50, "ms", "the bare API call, by our client, one at a time"),
        "order_path_ratio": _figure(p50 / bare_p50, "×", "order_path_p50_ms to order_path_bare_p50_ms"),
    }


def _placements_at_the_sandbox(sandbox: str) -> list[float]:
    headers = {"Et-App-Key": APP_KEY, "Username": EMAIL, "Password": PASSWORD}
    token = requests.post(f"{sandbox}/api/token", headers=headers, timeout=5).json()["Token"]
    client = Client(base_url=f"{sandbox}/api", app_key=APP_KEY, token=token)
    draft = OrderDraft(
        symbol="KO",
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=Decimal(1),
        limit_price=Decimal("20.00"),
        time_in_force=TimeInForce.DAY,
    )
    return [_timed(lambda: client.orders.place(ACCOUNT, draft)) for _ in range(ORDERS)]


def _placements_through_the_pages(web: str) -> list[float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        open_portfolio(page, web, EMAIL)
        page.goto(f"{web}/trade/KO/")
        times = [_place(page.request, web, number) for number in range(ORDERS)]
        browser.close()
    return times


def _place(http: APIRequestContext, web: str, number: int) -> float:
    page = http.get(f"{web}/trade/KO/").text()
    fields = {name: _hidden(page, name) for name in ("csrfmiddlewaretoken", "form_key")}
    ticket = {
        "side": "buy",
        "type": "limit",
        "time_in_force": "day",
        "quantity": "1",
        "limit_price": f"20.{number:02}",
    }
    form: dict[str, str | float | bool] = {**fields, **ticket}
    started = time.perf_counter()
    answer = http.post(f"{web}/trade/KO/place/", form=form, headers={"Referer": web}, max_redirects=0)
    spent = (time.perf_counter() - started) * 1000
    if answer.status not in {200, 302}:
        raise RuntimeError(f"The order was not placed: {answer.status}")
    return spent


def _hidden(page: str, name: str) -> str:
    """The value of a hidden field in `page`."""
    tag = next(tag for tag in page.split("<input") if f'name="{name}"' in tag)
    return tag.split('value="', 1)[1].split('"', 1)[0]


def _timed(act) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def _figure(value: float, unit: str, note: str) -> dict[str, object]:
    return {"value": round(value, 2), "unit": unit, "note": note}
