"""Many at once: racing callbacks make one user and one grant, racing refreshers send one request."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import connection, connections

from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.models import Grant
from investors.grants.tokens import client_for
from investors.people import User
from tests.investors.signing_in import count_requests, user_of
from tests.investors.test_grants import TOKEN, run_out

pytestmark = pytest.mark.django_db(transaction=True)

CALLBACKS = 8
REFRESHERS = 12


def at_once(act, arguments: list) -> list:
    """Run `act` for every argument in a thread of its own; database connections are given back."""

    def run(argument):
        try:
            return act(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


class TestRacingCallbacks:
    def test_eight_browsers_of_one_person_make_one_user_and_one_grant(self, walk):
        walks = [walk() for _ in range(CALLBACKS)]
        addresses = [way.approve(way.start()) for way in walks]
        answers = at_once(lambda pair: pair[0].finish(pair[1]), list(zip(walks, addresses, strict=True)))
        assert [answer.status_code for answer in answers] == [302] * CALLBACKS
        assert (User.objects.count(), SocialAccount.objects.count(), Grant.unscoped.count()) == (1, 1, 1)
        assert (TradingAccount.unscoped.count(), AccountLink.unscoped.count()) == (2, 2)
        assert client_for(User.objects.get()).users.me().email == "investor@demo.test"

    def test_one_code_that_comes_back_eight_times_signs_in_once(self, walk, sandbox):
        way = walk()
        address = way.approve(way.start())
        answers = at_once(lambda _: way.__class__(way.browser, way.email).finish(address), [None] * CALLBACKS)
        assert sorted(answer.status_code for answer in answers)[:1] == [302]
        assert [answer.status_code for answer in answers].count(302) == 1
        assert (User.objects.count(), Grant.unscoped.get().version) == (1, 1)


class TestRacingRefreshers:
    @pytest.fixture
    def investor(self, sign_in):
        person = user_of(sign_in())
        run_out(Grant.unscoped.get(user=person))
        return person

    def test_threads_send_one_request_and_all_get_the_new_token(self, investor, sandbox):
        asked = count_requests(sandbox, "POST", TOKEN)
        clients = at_once(client_for, [investor] * REFRESHERS)
        assert count_requests(sandbox, "POST", TOKEN) == asked + 1
        assert {client.users.me().email for client in clients} == {"investor@demo.test"}
        assert Grant.unscoped.get().version == 2

    def test_threads_agree_when_refresh_tokens_rotate(self, investor, sandbox):
        sandbox.control("apps", {"client_id": "demo-harbor-client", "rotation": True}, method="PATCH")
        at_once(client_for, [investor] * REFRESHERS)
        run_out(Grant.unscoped.get())
        at_once(client_for, [investor] * REFRESHERS)
        assert Grant.unscoped.get().version == 3

    def test_processes_send_one_request(self, investor, sandbox):
        asked = count_requests(sandbox, "POST", TOKEN)
        script = (
            "import django; django.setup();"
            "from investors.people import User; from investors.grants.tokens import client_for;"
            "print(client_for(User.objects.get()).users.me().email)"
        )
        name = connection.settings_dict["NAME"]
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": re.sub(r"/[^/?]*\?", f"/{name}?", os.environ["DATABASE_URL"]),
            "DATABASE_POOL_SIZE": "1",
        }
        refreshers = [
            subprocess.Popen(
                [sys.executable, "-c", script],
                env=environment,
                cwd=settings.BASE_DIR,
                text=True,
                stdout=subprocess.PIPE,
            )
            for _ in range(4)
        ]
        said = [refresher.communicate(timeout=60)[0].strip().splitlines()[-1] for refresher in refreshers]
        assert said == ["investor@demo.test"] * 4
        assert count_requests(sandbox, "POST", TOKEN) == asked + 1
