"""Signing in at the sandbox as a browser would."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests

from autoshares import OAuthClient, TokenSet, challenge_of, new_verifier

CALLBACK = "http://localhost:8000/accounts/autoshares/login/callback/"
PASSWORD = "open-the-market"


@dataclass
class SignIn:
    """The browser's part: it opens the address, signs in, allows, and brings back what the callback was told."""

    oauth: OAuthClient
    verifier: str
    nonce: str
    callback: dict[str, str]

    @classmethod
    def as_user(cls, oauth: OAuthClient, email: str, *, decision: str = "allow") -> "SignIn":
        verifier, nonce = new_verifier(), new_verifier()
        address = oauth.authorize_url(
            redirect_uri=CALLBACK, state="st", nonce=nonce, code_challenge=challenge_of(verifier)
        )
        with requests.Session() as browser:
            page = browser.get(address, allow_redirects=True, timeout=5)
            form = {"email": email, "password": PASSWORD, "decision": decision}
            for _ in range(2):
                form["request"] = re.search(r'name="request" value="([^"]+)"', page.text).group(1)
                page = browser.post(page.url.partition("?")[0], data=form, allow_redirects=False, timeout=5)
                if page.headers["Location"].startswith(CALLBACK):
                    break
                page = browser.get(f"{oauth.issuer.rstrip('/')}{page.headers['Location']}", timeout=5)
            query = parse_qs(urlsplit(page.headers["Location"]).query)
        return cls(oauth, verifier, nonce, {name: values[0] for name, values in query.items()})

    def exchange(self) -> TokenSet:
        return self.oauth.exchange_code(self.callback["code"], redirect_uri=CALLBACK, code_verifier=self.verifier)
