"""Create or update a broker and its AutoShares keys; secrets never stand on the command line."""

import os
from argparse import ArgumentParser
from getpass import getpass

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from brokers.models import Broker, BrokerHost, Connection

CLIENT_SECRET_VARIABLE = "AUTOSHARES_CLIENT_SECRET"  # noqa: S105 - the name of a variable
APP_KEY_VARIABLE = "AUTOSHARES_APP_KEY_SECRET"


class Command(BaseCommand):
    help = (
        "Create or update a broker, its host name and its AutoShares connection. The OAuth client secret and the "
        f"secret app key are read from {CLIENT_SECRET_VARIABLE} and {APP_KEY_VARIABLE}, or asked for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name, for example acme")
        parser.add_argument("--name", help="the brand's name, needed for a new broker")
        parser.add_argument("--host", required=True, help="host name of the web application, without port")
        parser.add_argument("--support-email", help="shown to investors, needed for a new broker")
        parser.add_argument("--environment", choices=["uat", "live"], required=True)
        parser.add_argument("--api-base-url", required=True, help="for example https://api.autoshares.dev")
        parser.add_argument("--issuer", required=True, help="OAuth issuer, for example https://tenant.auth0.com/")
        parser.add_argument("--client-id", required=True)
        parser.add_argument("--publishable-key", default="")
        parser.add_argument("--audience", default="")

    @transaction.atomic
    def handle(self, *, slug: str, host: str, environment: str, **options: str) -> None:
        broker = Broker.objects.filter(slug=slug).first() or self._create_broker(slug, options)
        taken = BrokerHost.objects.filter(host=host.lower()).exclude(broker=broker).first()
        if taken:
            raise CommandError(f"{host} belongs to {taken.broker} already.")
        BrokerHost.objects.get_or_create(broker=broker, host=host.lower(), defaults={"is_primary": True})
        connection = Connection.objects.filter(broker=broker, environment=environment).first()
        connection = connection or Connection(broker=broker, environment=environment)
        connection.api_base_url = options["api_base_url"].rstrip("/")
        connection.issuer = options["issuer"].rstrip("/") + "/"
        connection.client_id = options["client_id"]
        connection.app_key_publishable = options["publishable_key"]
        connection.audience = options["audience"]
        connection.client_secret = os.environ.get(CLIENT_SECRET_VARIABLE) or getpass("OAuth client secret: ")
        connection.app_key = os.environ.get(APP_KEY_VARIABLE) or getpass("Secret app key: ")
        connection.save()
        self.stdout.write(
            f"{broker} is connected ({environment}). Give AutoShares these addresses:\n"
            f"  callback  https://{host}/accounts/autoshares/login/callback/\n"
            f"  sign-out  https://{host}/signed-out/"
        )

    def _create_broker(self, slug: str, options: dict[str, str]) -> Broker:
        if not options["name"] or not options["support_email"]:
            raise CommandError("A new broker needs --name and --support-email.")
        return Broker.objects.create(
            slug=slug,
            name=options["name"],
            headline=f"Invest with {options['name']}",
            mark=options["name"][0],
            support_email=options["support_email"],
        )
