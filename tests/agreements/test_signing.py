"""The act of signing: evidence first, one signature, and nothing that was not read."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from agreements.checking import recheck_agreements
from agreements.models import AgreementText, OutstandingAgreement, Signature
from tests.agreements.conftest import (
    DAY_TRADING,
    LISTED,
    MARKET_DATA,
    PLATFORM,
    form_on,
    outstanding_at,
    sign,
)
from tests.investors.signing_in import count_requests, user_of
from tests.support.racing import race

SIGN_PLATFORM = f"{LISTED}/{PLATFORM}/sign"


class TestSign:
    def test_it_tells_autoshares_and_asks_what_is_left(self, investor, sandbox):
        asked = count_requests(sandbox, "GET", LISTED)
        answer = sign(investor, PLATFORM)

        assert (answer.status_code, answer["Location"]) == (302, "/agreements/")
        assert outstanding_at(sandbox, "investor@demo.test") == ["MarketDataAgreement", "DayTradingAgreement"]
        assert count_requests(sandbox, "GET", LISTED) > asked

    def test_it_keeps_who_signed_what_when_and_from_where(self, investor, dana, harbor):
        before = timezone.now()
        page = investor.get("/agreements/")
        investor.post(f"/agreements/{PLATFORM}/sign/", form_on(page), headers={"User-Agent": "Example/1.0"})

        signature = Signature.unscoped.get()
        words = AgreementText.unscoped.get(broker=harbor, type="PlatformAgreement")
        assert (signature.user, signature.broker, signature.state) == (dana, harbor, "signed")
        assert (signature.type, signature.version) == ("PlatformAgreement", "7.1")
        assert signature.text_sha256 == hashlib.sha256(words.body.encode()).hexdigest()
        assert (signature.ip_address, signature.user_agent) == ("127.0.0.1", "Example/1.0")
        assert before < signature.signed_at <= signature.confirmed_at

    def test_it_wants_the_box_ticked_and_says_so_beside_it(self, investor, sandbox):
        answer = sign(investor, PLATFORM, has_agreed="")

        assert answer.status_code == 422
        assert 'aria-invalid="true" aria-describedby="id_has_agreed_error"' in answer.content.decode()
        assert "Tick this box" in answer.content.decode()
        assert count_requests(sandbox, "POST", SIGN_PLATFORM) == 0

    def test_it_leads_on_to_where_the_investor_was_going(self, published, sign_in, sandbox):
        sandbox.control("agreements", {"email": "newcomer@demo.test", "outstanding": ["PlatformAgreement"]})
        browser = sign_in("newcomer@demo.test")
        answer = sign(browser, PLATFORM, next="/orders/?page=2")

        assert (answer.status_code, answer["Location"]) == (302, "/orders/?page=2")

    def test_it_never_leads_to_another_host(self, published, sign_in, sandbox):
        sandbox.control("agreements", {"email": "newcomer@demo.test", "outstanding": ["PlatformAgreement"]})
        answer = sign(sign_in("newcomer@demo.test"), PLATFORM, next="https://evil.test/")

        assert answer["Location"] == "/agreements/"

    def test_it_answers_htmx_with_the_next_agreement(self, investor):
        page = investor.get("/agreements/")
        answer = investor.post(f"/agreements/{PLATFORM}/sign/", form_on(page), headers={"HX-Request": "true"})

        html = answer.content.decode()
        assert answer.status_code == 200
        assert "Market Data Subscriber Agreement</h1>" in html
        assert "Agreement 2 of 3" in html
        assert "<html" not in html


class TestWhatWasShown:
    def test_it_refuses_a_version_that_replaced_the_one_on_the_screen(self, investor, sandbox):
        page = investor.get("/agreements/")
        sandbox.control("agreements", {"publish": {"type": "PlatformAgreement", "version": "7.2"}})
        answer = investor.post(f"/agreements/{PLATFORM}/sign/", form_on(page))

        assert answer.status_code == 409
        assert "has changed since you opened it" in answer.content.decode()
        assert "Version 7.2" in answer.content.decode()
        assert not Signature.unscoped.exists()

    def test_it_refuses_other_words_under_the_same_version(self, investor, sandbox):
        page = investor.get("/agreements/")
        AgreementText.unscoped.filter(type="PlatformAgreement").update(body="Quite other words.")
        answer = investor.post(f"/agreements/{PLATFORM}/sign/", form_on(page))

        assert answer.status_code == 409
        assert "Quite other words." in answer.content.decode()
        assert count_requests(sandbox, "POST", SIGN_PLATFORM) == 0

    def test_it_signs_nothing_without_published_words(self, sign_in, sandbox):
        browser = sign_in()
        page = browser.get("/agreements/").content.decode()
        form = {"type": "PlatformAgreement", "version": "7.1", "text_sha256": "", "has_agreed": "on"}
        answer = browser.post(f"/agreements/{PLATFORM}/sign/", form)

        assert "has not published the words" in page
        assert "button--primary" not in page
        assert answer.status_code == 409
        assert count_requests(sandbox, "POST", SIGN_PLATFORM) == 0

    def test_it_says_so_when_autoshares_gives_no_number_to_sign(self, investor, dana):
        OutstandingAgreement.unscoped.filter(vendor_agreement_id=PLATFORM).update(vendor_agreement_id=None)

        page = investor.get("/agreements/", {"agreement": "PlatformAgreement-7.1-0"}).content.decode()
        assert "This one cannot be signed here." in page
        assert "/sign/" not in page


class TestOnce:
    def test_it_signs_once_for_two_clicks(self, investor, sandbox):
        form = form_on(investor.get("/agreements/"))
        for _click in range(2):
            assert investor.post(f"/agreements/{PLATFORM}/sign/", form).status_code == 302

        assert Signature.unscoped.count() == 1
        assert count_requests(sandbox, "POST", SIGN_PLATFORM) == 1

    @pytest.mark.django_db(transaction=True)
    def test_it_signs_once_for_racing_clicks(self, investor, browser_at, sandbox):
        form = form_on(investor.get("/agreements/"))

        def click() -> int:
            browser = browser_at()
            browser.cookies = investor.cookies.copy()
            return browser.post(f"/agreements/{PLATFORM}/sign/", form).status_code

        answers = race(20, click)
        assert set(answers) <= {302, 409}
        assert 302 in answers
        assert Signature.unscoped.count() == 1
        assert count_requests(sandbox, "POST", SIGN_PLATFORM) == 1


class TestBadLuck:
    def test_it_keeps_the_signature_when_autoshares_does_not_answer(self, investor, sandbox):
        sandbox.control("faults", {"path": SIGN_PLATFORM, "action": "reset", "when": "before"})
        answer = sign(investor, PLATFORM)

        assert answer.status_code == 503
        assert "Your signature is kept" in answer.content.decode()
        assert Signature.unscoped.get().state == "signing"

    def test_it_lets_the_same_signature_be_sent_again(self, investor, sandbox):
        sandbox.control("faults", {"path": SIGN_PLATFORM, "action": "reset", "when": "before"})
        sign(investor, PLATFORM)
        page = investor.get("/agreements/")
        answer = investor.post(f"/agreements/{PLATFORM}/sign/", form_on(page))

        assert "Send again" in page.content.decode()
        assert answer.status_code == 302
        assert [row.state for row in Signature.unscoped.all()] == ["signed"]

    def test_the_next_check_completes_what_a_crash_left_behind(self, investor, dana, sandbox):
        """AutoShares carried it out, and we died before we heard of it."""
        sandbox.control("faults", {"path": SIGN_PLATFORM, "action": "reset", "when": "after"})
        sign(investor, PLATFORM)
        assert Signature.unscoped.get().state == "signing"

        recheck_agreements(dana)

        signature = Signature.unscoped.get()
        assert signature.state == "signed"
        assert signature.confirmed_at

    def test_a_process_that_died_holds_nobody_up_for_long(self, investor, dana, harbor):
        words = AgreementText.unscoped.get(broker=harbor, type="PlatformAgreement")
        left_behind = Signature.unscoped.create(
            broker=harbor,
            user=dana,
            vendor_agreement_id=PLATFORM,
            type=words.type,
            version=words.version,
            title=words.title,
            text_sha256=words.sha256,
            lease_until=timezone.now() + timedelta(seconds=20),
        )
        assert sign(investor, PLATFORM).status_code == 409

        Signature.unscoped.update(lease_until=timezone.now())
        assert sign(investor, PLATFORM).status_code == 302
        left_behind.refresh_from_db()
        assert left_behind.state == "signed"

    def test_it_says_in_words_that_autoshares_refused(self, investor, sandbox):
        refusal = {"Message": "The user may not sign this."}
        sandbox.control("faults", {"path": SIGN_PLATFORM, "action": "status", "status": 422, "body": refusal})
        answer = sign(investor, PLATFORM)

        assert answer.status_code == 409
        assert "“The user may not sign this”" in answer.content.decode()
        assert Signature.unscoped.get().state == "failed"
        assert sign(investor, PLATFORM).status_code == 302

    def test_it_may_be_signed_anew_when_autoshares_asks_for_the_same_version_again(self, investor, sandbox):
        sign(investor, PLATFORM)
        sandbox.control(
            "agreements", {"email": "investor@demo.test", "outstanding": ["PlatformAgreement", "MarketDataAgreement"]}
        )
        investor.post("/agreements/check/")
        sign(investor, PLATFORM)

        assert sorted(row.state for row in Signature.unscoped.all()) == ["replaced", "signed"]
        assert outstanding_at(sandbox, "investor@demo.test") == ["MarketDataAgreement"]

    def test_it_asks_to_reconnect_when_the_connection_has_ended(self, investor, sandbox):
        page = investor.get("/agreements/")
        sandbox.control("tokens", {"revoke": "access"})
        user_of(investor).grant.__class__.unscoped.update(refresh_token_sealed=b"")
        answer = investor.post(f"/agreements/{PLATFORM}/sign/", form_on(page))

        assert answer.status_code == 409
        assert "/connection/reconnect/?next=%2Fagreements%2F" in answer.content.decode()
        assert not Signature.unscoped.exists()


class TestNotNow:
    def test_it_puts_off_what_autoshares_lets_wait(self, investor, sandbox):
        sign(investor, PLATFORM)
        sign(investor, MARKET_DATA)
        answer = investor.post("/agreements/skip/", {"agreement": "DayTradingAgreement-1.2-103", "next": "/trade/"})

        assert answer["Location"] == "/trade/"
        assert outstanding_at(sandbox, "investor@demo.test") == ["DayTradingAgreement"]

    def test_it_does_not_put_off_what_is_mandatory(self, investor):
        answer = investor.post("/agreements/skip/", {"agreement": "PlatformAgreement-7.1-101"})

        assert answer.status_code == 409
        assert "cannot be put off" in answer.content.decode()

    def test_it_can_still_be_read_and_signed_afterwards(self, investor):
        sign(investor, PLATFORM)
        sign(investor, MARKET_DATA)
        investor.post("/agreements/skip/", {"agreement": "DayTradingAgreement-1.2-103"})
        answer = sign(investor, DAY_TRADING, key="DayTradingAgreement-1.2-103")

        assert answer.status_code == 302
        assert Signature.unscoped.count() == 3


class TestOutsider:
    def test_it_finds_nothing_of_another_persons_agreements(self, published, sign_in, sandbox):
        newcomer = sign_in("newcomer@demo.test")
        form = {"type": "MarketDataAgreement", "version": "3.0", "text_sha256": "x", "has_agreed": "on"}

        answer = newcomer.post(f"/agreements/{MARKET_DATA}/sign/", form)

        assert answer.status_code == 404
        assert b"Market Data" not in answer.content
        assert not Signature.unscoped.exists()
