"""Bring the demo's database up to date: migrations, then the demo's brokers and staff. Safe to repeat."""

import os

import django
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    call_command("seed_demo")


if __name__ == "__main__":
    main()
