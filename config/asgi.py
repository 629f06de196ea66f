"""The ASGI entry point: one process serves the pages and the static files."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.pages import pages_application

application = pages_application()
