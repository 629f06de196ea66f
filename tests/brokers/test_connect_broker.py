"""`manage.py connect_broker`: a broker with keys launches from the command line."""

import pytest
from django.core.management import CommandError, call_command

from brokers.models import Broker, Connection

KEYS = ["--api-base-url", "https://api.example.test/", "--issuer", "https://id.example.test", "--client-id", "acme-1"]


@pytest.fixture
def secrets(monkeypatch):
    monkeypatch.setenv("AUTOSHARES_CLIENT_SECRET", "client-secret-canary")
    monkeypatch.setenv("AUTOSHARES_APP_KEY_SECRET", "app-key-canary")


def connect(*more: str) -> None:
    call_command("connect_broker", "acme", "--host", "Trade.Acme.test", "--environment", "uat", *KEYS, *more)


@pytest.mark.django_db
class TestConnectBroker:
    def test_it_creates_the_broker_its_host_and_sealed_keys(self, secrets, capsys):
        connect("--name", "Acme", "--support-email", "help@acme.test")
        connection = Connection.objects.get(broker__slug="acme", environment="uat")
        assert (connection.client_secret, connection.app_key) == ("client-secret-canary", "app-key-canary")
        assert connection.issuer == "https://id.example.test/"
        assert connection.broker.hosts.get().host == "trade.acme.test"
        printed = capsys.readouterr().out
        assert "/accounts/autoshares/login/callback/" in printed
        assert "canary" not in printed

    def test_it_updates_the_keys_when_run_again(self, secrets):
        connect("--name", "Acme", "--support-email", "help@acme.test")
        connect("--publishable-key", "pub-2")
        assert Connection.objects.get().app_key_publishable == "pub-2"

    def test_it_asks_for_the_name_of_a_new_broker(self, secrets):
        with pytest.raises(CommandError, match="--name"):
            connect()

    def test_it_does_not_take_over_another_brokers_host(self, secrets):
        other = Broker.objects.create(slug="other", name="Other", headline="x", mark="O", support_email="o@o.test")
        other.hosts.create(host="trade.acme.test")
        with pytest.raises(CommandError, match="belongs to Other"):
            connect("--name", "Acme", "--support-email", "help@acme.test")
