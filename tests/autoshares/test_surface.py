"""What the package promises to the rest of the house."""

import subprocess
import sys

import autoshares


class TestSurface:
    def test_every_public_name_is_there(self):
        for name in autoshares.__all__:
            assert hasattr(autoshares, name)

    def test_it_needs_no_django_and_no_settings(self):
        script = (
            "import sys, autoshares, autoshares.limits, autoshares.streaming, autoshares.webhooks\n"
            "strangers = {'django', 'psycopg', 'celery', 'brokers', 'investors', 'trading'} & set(sys.modules)\n"
            "raise SystemExit(str(strangers) if strangers else 0)"
        )
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
