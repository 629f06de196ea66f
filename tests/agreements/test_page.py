"""The agreements page in each of its states."""

from tests.agreements.conftest import LISTED, PLATFORM, form_on, sign, sign_all


class TestReading:
    def test_it_shows_the_words_their_contents_and_the_act(self, investor):
        html = investor.get("/agreements/").content.decode()

        assert "Platform Access Agreement</h1>" in html
        assert "Agreement 1 of 3" in html
        assert '<a href="#section-3">3. Your orders</a>' in html
        assert "<li>A limit order is filled at your price or better, or not at all.</li>" in html
        assert "I have read and agree to the Platform Access Agreement, version 7.1." in html

    def test_it_escapes_the_words(self, investor, harbor):
        from agreements.models import AgreementText

        AgreementText.unscoped.update(body="# <script>alert(1)</script>\n\n<b>bold</b>")
        html = investor.get("/agreements/").content.decode()

        assert "<b>bold" not in html
        assert "<script>alert" not in html

    def test_it_lists_what_was_signed(self, investor):
        sign(investor, PLATFORM)
        html = investor.get("/agreements/").content.decode()

        assert "What you have signed" in html
        assert "Agreement 2 of 3" in html

    def test_it_is_never_kept_by_a_browser(self, investor):
        assert "no-store" in investor.get("/agreements/")["Cache-Control"]

    def test_it_costs_few_queries(self, investor, django_assert_max_num_queries):
        sign(investor, PLATFORM)
        with django_assert_max_num_queries(14):
            investor.get("/agreements/")


class TestNothingToSign:
    def test_it_says_so_and_leads_on(self, investor):
        sign_all(investor)
        html = investor.get("/agreements/").content.decode()

        assert "Nothing to sign" in html
        assert "put it off until your next sign-in" in html
        assert 'href="/portfolio/">Continue</a>' in html

    def test_whoever_was_on_the_way_goes_straight_on(self, investor):
        sign_all(investor)

        assert investor.get("/agreements/?next=/orders/")["Location"] == "/orders/"


class TestWaiting:
    def test_it_says_that_autoshares_is_silent_and_asks_again_by_itself(self, published, sign_in, sandbox):
        sandbox.control("faults", {"path": LISTED, "action": "status", "status": 503, "count": None})
        html = sign_in().get("/agreements/?next=%2Ftrade%2F").content.decode()

        assert "AutoShares has not answered yet" in html
        assert 'hx-get="/agreements/check/?state=unanswered&amp;next=%2Ftrade%2F" hx-trigger="every 5s"' in html

    def test_the_poll_draws_nothing_until_something_changes(self, published, sign_in, sandbox):
        sandbox.control("faults", {"path": LISTED, "action": "status", "status": 503, "count": None})
        browser = sign_in()
        poll = lambda: browser.get("/agreements/check/?state=unanswered", headers={"HX-Request": "true"})  # noqa: E731
        assert poll().status_code == 204

        sandbox.control("faults", method="DELETE")
        browser.post("/agreements/check/")

        assert "Platform Access Agreement</h1>" in poll().content.decode()

    def test_the_button_asks_now(self, published, sign_in, sandbox):
        sandbox.control("faults", {"path": LISTED, "action": "status", "status": 503, "count": None})
        browser = sign_in()
        assert browser.post("/agreements/check/").status_code == 503

        sandbox.control("faults", method="DELETE")
        answer = browser.post("/agreements/check/", {"next": "/trade/"})

        assert (answer.status_code, answer["Location"]) == (302, "/agreements/?next=%2Ftrade%2F")

    def test_it_survives_a_sandbox_that_is_gone(self, investor, sandbox):
        page = investor.get("/agreements/")
        with sandbox.silent():
            answer = investor.post(f"/agreements/{PLATFORM}/sign/", form_on(page))

        assert answer.status_code == 503
        assert "AutoShares did not answer" in answer.content.decode()

    def test_a_session_that_never_passed_the_sign_in_starts_with_a_question(self, investor, dana, browser_at):
        other = browser_at()
        other.force_login(dana, backend="django.contrib.auth.backends.ModelBackend")

        html = other.get("/agreements/").content.decode()

        assert "Asking AutoShares what you have to sign" in html
        assert 'hx-trigger="every 2s"' in html


class TestTask:
    def test_it_asks_and_the_page_goes_on(self, investor, dana, sandbox):
        from agreements.tasks import fetch_agreements

        sandbox.control("agreements", {"email": dana.email, "outstanding": []})
        fetch_agreements(str(dana.pk))

        assert "Nothing to sign" in investor.get("/agreements/").content.decode()

    def test_it_waits_longer_each_time_but_never_long(self):
        from agreements.tasks import seconds_before_retry

        assert all(1 <= seconds_before_retry(failures) <= 120 for failures in range(40))
