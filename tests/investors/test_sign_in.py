"""Signing in with AutoShares, from the first click to the page that was asked for."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import connection as database
from django.urls import reverse

from investors.grants.models import Grant
from investors.kept_forms import KEPT, sign_owner
from investors.people import User
from tests.investors.signing_in import user_of

pytestmark = pytest.mark.django_db


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


class TestLeavingForAutoShares:
    def test_it_carries_pkce_state_and_nonce(self, walk, sandbox):
        address = walk().start()
        query = query_of(address)
        assert address.startswith(f"{sandbox.url}/authorize?")
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256" and len(query["code_challenge"]) == 43
        assert len(query["state"]) >= 40 and len(query["nonce"]) >= 40
        assert query["redirect_uri"] == "http://localhost:8000/accounts/autoshares/login/callback/"

    def test_it_never_uses_the_same_secrets_twice(self, walk):
        way = walk()
        first, second = query_of(way.start()), query_of(way.start())
        for name in ("state", "nonce", "code_challenge"):
            assert first[name] != second[name]

    def test_it_lets_no_link_add_scopes_or_another_process(self, walk, client):
        answer = client.get(
            "/accounts/autoshares/login/",
            {"scope": "admin", "process": "connect", "auth_params": "prompt=none", "action": "rerequest"},
        )
        query = query_of(answer["Location"])
        assert query["scope"] == "openid profile email offline_access" and "prompt" not in query


class TestComingBack:
    def test_it_signs_the_investor_in(self, walk):
        way = walk("investor@demo.test")
        answer = way.all_the_way()
        person = user_of(way.browser)
        assert answer.status_code == 302 and answer["Location"] == reverse("trading:portfolio")
        assert (person.email, person.first_name, person.last_name) == ("investor@demo.test", "Dana", "Reyes")
        assert person.broker.slug == "harbor" and person.username.startswith("harbor:auth0|")
        assert person.vendor_user_id and not person.has_usable_password()

    def test_it_goes_where_the_investor_wanted_to_go(self, walk):
        assert walk().all_the_way("/orders/?status=open")["Location"] == "/orders/?status=open"

    @pytest.mark.parametrize("address", ["https://evil.test/", "//evil.test/", "http://northwind.localhost:8000/"])
    def test_it_goes_nowhere_else(self, walk, address):
        assert walk().all_the_way(address)["Location"] == reverse("trading:portfolio")

    def test_it_stores_one_sealed_grant(self, sign_in):
        person = user_of(sign_in())
        grant = Grant.unscoped.get(user=person)
        assert grant.is_live and grant.can_refresh and grant.version == 1
        assert grant.access_token.encode() not in bytes(grant.access_token_sealed)

    def test_it_plans_the_refresh_at_60_to_80_percent_of_the_life(self, sign_in):
        grant = Grant.unscoped.get(user=user_of(sign_in()))
        life = grant.expires_at - grant.obtained_at
        assert life * 6 // 10 <= grant.refresh_due_at - grant.obtained_at <= life * 8 // 10

    def test_it_changes_the_key_of_the_session(self, walk):
        way = walk()
        address = way.approve(way.start())
        before = way.browser.session.session_key
        way.finish(address)
        assert way.browser.session.session_key not in {None, before}

    def test_it_links_the_trading_accounts(self, sign_in):
        links = user_of(sign_in()).account_links.select_related("account").order_by("account__number")
        assert [(link.account.number, link.is_current) for link in links] == [("6412", True), ("6413", True)]

    def test_it_knows_the_investor_again(self, sign_in):
        first, second = user_of(sign_in()), user_of(sign_in())
        assert first == second and User.objects.count() == 1
        assert Grant.unscoped.get().version == 2

    def test_it_takes_over_a_new_name_and_address(self, sign_in):
        person = user_of(sign_in())
        User.objects.filter(pk=person.pk).update(first_name="Old", email="old@demo.test")
        sign_in()
        person.refresh_from_db()
        assert (person.first_name, person.email) == ("Dana", "investor@demo.test")

    def test_it_never_merges_by_email(self, sign_in, harbor):
        stranger = User.objects.create_user("staff", "investor@demo.test", "open-the-desk-please")
        person = user_of(sign_in())
        assert person != stranger and User.objects.filter(email="investor@demo.test").count() == 2

    def test_it_keeps_the_brokers_apart(self, sign_in, northwind, browser_at):
        here = user_of(sign_in())
        there = user_of(sign_in(browser=browser_at("northwind.localhost")))
        assert here != there and (here.broker.slug, there.broker.slug) == ("harbor", "northwind")
        assert not Grant.unscoped.get(user=there).can_refresh  # refresh tokens are off for that application

    def test_someone_else_in_the_same_browser_gets_a_session_of_their_own(self, walk, sign_in):
        browser = sign_in("investor@demo.test")
        session = browser.session
        session["note"] = "private"
        session.save()
        sign_in("trader@demo.test", browser=browser)
        assert user_of(browser).email == "trader@demo.test" and "note" not in browser.session

    def test_the_same_person_keeps_what_the_session_holds(self, sign_in):
        browser = sign_in()
        session = browser.session
        session["draft"] = "100 AAPL"
        session.save()
        sign_in(browser=browser)
        assert browser.session["draft"] == "100 AAPL"


class TestSecretsAtRest:
    def test_no_token_code_or_verifier_is_anywhere_in_the_database_in_clear(self, walk):
        way = walk()
        address = way.approve(way.start())
        verifier = next(iter(way.browser.session["socialaccount_states"].values()))[0]["pkce_code_verifier"]
        way.finish(address)
        grant = Grant.unscoped.get()
        canaries = [grant.access_token, grant.refresh_token, query_of(address)["code"], verifier]
        assert all(len(canary) > 20 for canary in canaries)
        haystack = everything_in_the_database() + decoded_sessions()
        assert "investor@demo.test" in haystack  # the search does find what is there
        assert [canary for canary in canaries if canary in haystack] == []


def everything_in_the_database() -> str:
    """Every row of every table, as text."""
    parts = []
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            parts += [row[0] for row in cursor.fetchall()]
            cursor.execute(f'SELECT * FROM "{table}"')
            parts += [
                bytes(v).decode("latin-1")
                for row in cursor.fetchall()
                for v in row
                if isinstance(v, memoryview | bytes)
            ]
    return "\n".join(parts)


def decoded_sessions() -> str:
    return "\n".join(str(session.get_decoded()) for session in Session.objects.all())


class TestKeptForm:
    """A form that came after the session's end waits in the browser's session (investors/kept_forms.py)."""

    @pytest.mark.parametrize(("arrives", "is_kept"), [("investor@demo.test", True), ("trader@demo.test", False)])
    def test_it_comes_along_for_its_owner_alone(self, walk, browser_at, arrives, is_kept):
        walk("investor@demo.test").all_the_way()
        late = browser_at()
        owner = User.objects.get(email="investor@demo.test")
        late.post("/trade/AAPL/preview/", {"quantity": "25", "form_owner": sign_owner(owner)})
        assert KEPT in late.session
        walk(arrives, browser=late).all_the_way()
        assert (KEPT in late.session) == is_kept
