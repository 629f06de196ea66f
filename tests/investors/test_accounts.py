"""Trading accounts: linked at sign-in, chosen by their investor, invisible to everybody else."""

import uuid

import pytest
from django.http import Http404
from django.utils import timezone

from brokers.scoping import broker_scope
from investors.accounts.choosing import current_link, get_account_or_404
from investors.accounts.linking import link_accounts
from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.models import Grant
from investors.grants.tokens import client_for
from investors.signals import accounts_linked
from investors.tasks import refresh_due_grants
from tests.investors.signing_in import user_of

pytestmark = pytest.mark.django_db

ACCOUNTS = "/api/v1.0/users/@me/accounts"


@pytest.fixture
def browser(sign_in):
    return sign_in()


@pytest.fixture
def investor(browser):
    return user_of(browser)


@pytest.fixture
def roth(investor):
    return investor.account_links.get(account__number="6413").account


@pytest.fixture
def request_of(rf, harbor):
    """A request of that person at Harbor Street, inside its scope."""

    def make(user):
        request = rf.get("/")
        request.broker, request.user = harbor, user
        return request

    with broker_scope(harbor):
        yield make


class TestLinking:
    def test_it_copies_what_autoshares_lists(self, investor):
        link = investor.account_links.select_related("account").get(account__number="6412")
        assert (link.access, link.account.currency, link.account.is_enabled) == (AccountLink.Access.OWNER, "USD", True)
        assert link.account.margin_type == "MarginAccount" or link.account.margin_type
        assert link.broker == link.account.broker == investor.broker

    def test_it_changes_nothing_when_repeated(self, investor):
        rows = set(investor.account_links.values_list("pk", "account_id"))
        link_accounts(investor, client_for(investor))
        assert set(investor.account_links.values_list("pk", "account_id")) == rows

    def test_an_account_that_is_no_longer_listed_stays_but_is_not_current(self, investor, roth, sandbox):
        investor.selected_account = roth
        investor.save()
        listed = [{"Id": 1, "ClearingAccount": "9999", "AccessType": "Owner"}]
        sandbox.control("faults", {"path": ACCOUNTS, "action": "status", "status": 200, "body": listed})
        link_accounts(investor, client_for(investor))
        assert [link.account.number for link in investor.account_links.filter(is_current=True)] == ["9999"]
        assert TradingAccount.unscoped.filter(number="6413").exists() and investor.selected_account is None

    def test_a_newcomer_has_none(self, sign_in):
        assert not user_of(sign_in("newcomer@demo.test")).account_links.exists()

    def test_it_tells_the_others(self, investor):
        heard = []
        accounts_linked.connect(lambda user, **_: heard.append(user), weak=False, dispatch_uid="test")
        try:
            link_accounts(investor, client_for(investor))
        finally:
            accounts_linked.disconnect(dispatch_uid="test")
        assert heard == [investor]

    def test_the_task_asks_again_for_what_was_unknown_at_sign_in(self, sign_in, sandbox):
        sandbox.control("faults", {"path": ACCOUNTS, "action": "status", "status": 503, "count": None})
        person = user_of(sign_in())
        assert not person.account_links.exists()
        sandbox.control("faults", method="DELETE")
        Grant.unscoped.update(accounts_due_at=timezone.now())
        refresh_due_grants()
        assert person.account_links.count() == 2 and Grant.unscoped.get().accounts_due_at is None


class TestChoosing:
    def test_the_first_by_number_is_current_until_another_is_selected(self, investor, roth, request_of):
        assert current_link(request_of(investor)).account.number == "6412"
        investor.selected_account = roth
        assert current_link(request_of(investor)).account == roth

    def test_a_newcomer_has_no_current_account(self, sign_in, request_of):
        newcomer = request_of(user_of(sign_in("newcomer@demo.test")))
        assert current_link(newcomer) is None
        with pytest.raises(Http404):
            get_account_or_404(newcomer)

    def test_it_finds_an_own_account_with_one_query(self, investor, roth, request_of, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert get_account_or_404(request_of(investor), roth.pk).account == roth

    def test_it_does_not_find_an_account_of_another_investor(self, sign_in, roth, request_of):
        with pytest.raises(Http404):
            get_account_or_404(request_of(user_of(sign_in("trader@demo.test"))), roth.pk)

    def test_it_does_not_find_an_account_of_the_past(self, investor, roth, request_of):
        investor.account_links.update(is_current=False)
        with pytest.raises(Http404):
            get_account_or_404(request_of(investor), roth.pk)


class TestSelecting:
    def select(self, browser, account_id, **form):
        return browser.post(f"/accounts/{account_id}/select/", form)

    def test_it_remembers_the_account_and_goes_back(self, browser, investor, roth):
        assert self.select(browser, roth.pk, next="/orders/")["Location"] == "/orders/"
        investor.refresh_from_db()
        assert investor.selected_account == roth

    def test_it_goes_back_nowhere_else(self, browser, roth):
        assert self.select(browser, roth.pk, next="https://evil.test/")["Location"] == "/portfolio/"

    def test_it_does_not_select_an_account_of_another_investor(self, sign_in, roth):
        assert self.select(sign_in("trader@demo.test"), roth.pk).status_code == 404

    def test_it_does_not_select_an_account_at_another_broker(self, sign_in, northwind, browser_at, roth):
        outsider = sign_in(browser=browser_at("northwind.localhost"))  # the same person, who is somebody else there
        assert self.select(outsider, roth.pk).status_code == 404

    def test_it_does_not_select_what_does_not_exist(self, browser):
        assert self.select(browser, uuid.uuid4()).status_code == 404

    def test_it_wants_a_signed_in_investor(self, client, roth):
        assert self.select(client, roth.pk)["Location"].startswith("/sign-in/")

    def test_it_wants_a_form(self, browser, roth):
        assert browser.get(f"/accounts/{roth.pk}/select/").status_code == 405
