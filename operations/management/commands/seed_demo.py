"""The demonstration: two brokers, their keys at the sandbox, their agreement texts, and one member of staff."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agreements.models import AgreementText
from brokers.models import Broker, BrokerHost, Connection
from investors.people import User
from operations.demo.brands import BRANDS, Brand

STAFF_EMAIL = "ops@demo.test"
STAFF_PASSWORD = "open-the-desk"  # noqa: S105 - the demonstration's, printed by `make demo`

# Type, version and title of what the sandbox asks its users to sign; the words lie beside this package.
AGREEMENTS = (
    ("PlatformAgreement", "7.1", "Platform Access Agreement", "platform-agreement-7.1.txt"),
    ("MarketDataAgreement", "3.0", "Market Data Subscriber Agreement", "market-data-agreement-3.0.txt"),
    ("DayTradingAgreement", "1.2", "Day Trading Risk Disclosure", "day-trading-agreement-1.2.txt"),
)
TEXTS = Path(__file__).resolve().parents[2] / "demo"


class Command(BaseCommand):
    help = "Create what the demonstration needs; safe to repeat: ports are updated, changes by staff are kept."

    @transaction.atomic
    def handle(self, **options: object) -> None:
        if not settings.IS_DEMO:
            raise CommandError("The demonstration's keys and passwords are public: only with SHAREFRONT_ENV=demo.")
        for brand in BRANDS:
            broker, is_new = Broker.objects.get_or_create(
                slug=brand.slug,
                defaults=brand.words | {"theme": brand.theme, "support_email": brand.support_email},
            )
            BrokerHost.objects.get_or_create(host=brand.host, defaults={"broker": broker, "is_primary": True})
            connect(broker, brand)
            publish_agreements(broker)
            self.stdout.write(
                f"{broker} {'is new' if is_new else 'is there'}: http://{brand.host}:{settings.WEB_PORT}/"
            )
        hire_staff()


def connect(broker: Broker, brand: Brand) -> None:
    """The broker's keys at the sandbox; the addresses follow SANDBOX_PORT, the rest is written once."""
    connection = broker.connections.filter(environment=Connection.Environment.DEMO).first()
    if connection is None:
        connection = Connection(
            broker=broker,
            environment=Connection.Environment.DEMO,
            client_id=brand.client_id,
            app_key_publishable=brand.app_key_publishable,
            trades_around_the_clock=True,
        )
        connection.client_secret = brand.client_secret
        connection.app_key = brand.app_key
    connection.api_base_url = f"http://localhost:{settings.SANDBOX_PORT}/api"
    connection.issuer = f"http://localhost:{settings.SANDBOX_PORT}/"
    connection.save()


def publish_agreements(broker: Broker) -> None:
    """Sample words for each type and version; once published they stay as they are."""
    for kind, version, title, file_name in AGREEMENTS:
        words = (TEXTS / file_name).read_text(encoding="utf-8")
        AgreementText.unscoped.get_or_create(
            broker=broker,
            type=kind,
            version=version,
            defaults={
                "title": title,
                "body": words.replace("{broker}", broker.name).replace("{email}", broker.support_email),
            },
        )


def hire_staff() -> None:
    """Operations' account for the back office. The password is set once."""
    if not User.objects.filter(username=STAFF_EMAIL).exists():
        User.objects.create_superuser(STAFF_EMAIL, email=STAFF_EMAIL, password=STAFF_PASSWORD)
