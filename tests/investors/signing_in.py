"""Signing in as a person does: a browser here, AutoShares' own pages there."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

PASSWORD = "open-the-market"


class Walk:
    """One sign-in of one browser, step by step; `at_autoshares` is the same browser's cookies at AutoShares.

    The steps: `start()` gives the authorize address, `approve(address)` the callback address, `finish(address)` the
    answer of our callback. `all_the_way()` does the three.
    """

    def __init__(self, browser, email: str, *, at_autoshares: requests.Session | None = None) -> None:
        self.browser, self.email = browser, email
        self.at_autoshares = at_autoshares or requests.Session()

    def start(self, next_url: str | None = None) -> str:
        answer = self.browser.get("/accounts/autoshares/login/", {"next": next_url} if next_url else {})
        assert answer.status_code == 302, answer.content.decode()
        return answer["Location"]

    def approve(self, address: str, *, decision: str = "allow", password: str = PASSWORD) -> str:
        """Fill AutoShares' pages as they come, until it sends the browser back."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        answer = self._fetch("GET", address)
        for _page in range(4):
            location = requests.compat.urljoin(address, answer.headers.get("Location", ""))
            assert answer.is_redirect, answer.text
            if not location.startswith(origin):
                return location
            form = {"request": parse_qs(urlsplit(location).query)["request"][0]}
            if urlsplit(location).path == "/u/login":
                answer = self._fetch("POST", location, form | {"email": self.email, "password": password})
            else:
                answer = self._fetch("POST", location, form | {"decision": decision})
        raise AssertionError("AutoShares asks and asks")

    def finish(self, address: str, **headers: str):
        parts = urlsplit(address)
        return self.browser.get(f"{parts.path}?{parts.query}", headers=headers or None)

    def all_the_way(self, next_url: str | None = None):
        return self.finish(self.approve(self.start(next_url)))

    def _fetch(self, method: str, address: str, form: dict[str, str] | None = None) -> requests.Response:
        return self.at_autoshares.request(method, address, data=form, allow_redirects=False, timeout=10)


@pytest.fixture
def walk(harbor, browser_at):
    """A factory of walks: `walk("investor@demo.test")`, with a fresh browser at Harbor Street unless one is given."""
    return lambda email="investor@demo.test", browser=None, **options: Walk(browser or browser_at(), email, **options)


@pytest.fixture
def sign_in(walk):
    """`sign_in("investor@demo.test")` returns a browser that is signed in; `browser` and `next_url` may be given."""

    def sign_in(email: str = "investor@demo.test", *, browser=None, next_url: str | None = None):
        way = walk(email, browser)
        answer = way.all_the_way(next_url)
        assert answer.status_code == 302, answer.content.decode()
        return way.browser

    return sign_in


def user_of(browser):
    """The investor who is signed in with `browser`, or None."""
    from investors.people import User

    user_id = browser.session.get("_auth_user_id")
    return User.objects.filter(pk=user_id).first() if user_id else None


def count_requests(sandbox, method: str, path: str) -> int:
    """How often AutoShares was asked that, by its own count, since the test began."""
    return sum((row["method"], row["path"]) == (method, path) for row in sandbox.control("requests"))
