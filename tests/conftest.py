"""The fixed cast and the real parts: a sandbox process per test worker, two brokers, people by role."""

import os
from collections.abc import Iterator

import kombu.pools
import pytest
from django.conf import settings
from django.test import Client
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.support.sandboxes import Sandbox, running_sandbox

WEB_PORT = 8000


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # slowness is not what we test
    # Hashed names need `collectstatic`; tests of pages do not.
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": static}
    if suffix := os.environ.get("TEST_DB_SUFFIX"):
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_sharefront_{suffix}"


class OneWorkerPerHouse(LoadScopeScheduling):
    """Tests go to whichever worker is free; those that share one running demo go to the same one.

    By their place: xdist's own groups are part of a test's id, which pytest 9.2 no longer lets it change.
    """

    SHARED = ("tests/browser/", "tests/matrix/test_crashes.py")

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in self.SHARED if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerPerHouse:
    return OneWorkerPerHouse(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever the random order: the longest start first, so that no worker ends alone with them."""
    slow = ("tests/browser/", "tests/deploy/")
    items.sort(key=lambda item: next((place for place, room in enumerate(slow) if room in item.nodeid), len(slow)))


@pytest.fixture(autouse=True)
def _quiet_task_queue(settings, tmp_path_factory) -> None:
    """Tasks that a test enqueues go to a folder of their own; nobody works on them unless the test does."""
    from config.celery import app

    folder = tmp_path_factory.mktemp("queue")
    for name in ("queue", "processed", "control"):
        (folder / name).mkdir()
    app.conf.broker_transport_options = app.conf.broker_transport_options | {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "processed_folder": str(folder / "processed"),
        "control_folder": str(folder / "control"),
    }
    kombu.pools.reset()
    app._after_fork()  # forget the pools that were closed


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    with running_sandbox("--market-hours", "around-the-clock", web_port=WEB_PORT) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The sandbox as new: demo users, seeded prices, empty book."""
    sandbox_process.reset()
    return sandbox_process


def make_broker(slug: str, name: str, host: str, sandbox: Sandbox):
    from brokers.models import Broker, BrokerHost, Connection

    broker = Broker.objects.create(
        slug=slug,
        name=name,
        headline=f"{name}: invest calmly",
        mark=name[0],
        support_email=f"help@{slug}.test",
    )
    BrokerHost.objects.create(broker=broker, host=host, is_primary=True)
    connection = Connection(
        broker=broker,
        environment="demo",
        api_base_url=sandbox.api_url,
        issuer=sandbox.issuer,
        client_id=f"demo-{slug}-client",
        app_key_publishable=f"demo-{slug}-app-key-publishable",
        trades_around_the_clock=True,
    )
    connection.client_secret = f"demo-{slug}-client-secret"
    connection.app_key = f"demo-{slug}-app-key-secret"
    connection.save()
    return broker


@pytest.fixture
def harbor(db, sandbox: Sandbox):
    """The broker at `localhost`."""
    return make_broker("harbor", "Harbor Street", "localhost", sandbox)


@pytest.fixture
def northwind(db, sandbox: Sandbox):
    """The other broker, at `northwind.localhost`."""
    return make_broker("northwind", "Northwind", "northwind.localhost", sandbox)


class Browser(Client):
    """Django's test client, arriving at one broker's host."""

    def __init__(self, host: str = "localhost", **options) -> None:
        super().__init__(HTTP_HOST=f"{host}:{WEB_PORT}", SERVER_NAME=host, **options)


@pytest.fixture
def browser_at():
    """A factory of fresh browsers: `browser_at("northwind.localhost")`."""
    return Browser


@pytest.fixture
def client(harbor) -> Browser:
    """A fresh browser at Harbor Street."""
    return Browser()
