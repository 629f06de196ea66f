"""`manage.py reseal`: after a new key was put in front of ENCRYPTION_KEYS, seal everything with it."""

from django.core.management.base import BaseCommand

from brokers.vault import seal_anew, sealed_columns


class Command(BaseCommand):
    help = "Seal every secret with the first key of ENCRYPTION_KEYS; the others may be removed afterwards."

    def handle(self, *args: object, **options: object) -> None:
        for model, column in sealed_columns():
            self.stdout.write(f"{model._meta.label} {column.name}: {seal_anew(model, column)} sealed anew")
        self.stdout.write(self.style.SUCCESS("Everything is sealed with the current key."))
