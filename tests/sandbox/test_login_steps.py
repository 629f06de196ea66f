"""The direct login step by step, what ends it, and how passwords and PINs change."""

from typing import Any

import pytest
import requests

from tests.sandbox.actors import HARBOR, PASSWORD, Box, Browser, Client, code_in, log_in

E3 = {"Message": "Authorization has been denied for this request."}
DANA = "investor@demo.test"


class Door:
    """The /token route, as somebody stands before it."""

    def __init__(self, box: Box, email: str = DANA, **switches: Any) -> None:
        self.box, self.email = box, email
        if switches:
            box.control("POST", "users", {"email": email, **switches})

    def knock(self, interim: str = "", *, password: str = PASSWORD, **headers: str) -> requests.Response:
        given = {"Et-App-Key": HARBOR.key, "Username": self.email, "Password": password, **headers}
        if interim:
            given["Authorization"] = f"Bearer {interim}"
        return requests.post(f"{self.box.url}/api/token", headers=given, timeout=5)

    def mailed_code(self) -> str:
        mail = self.box.control("GET", "mail", to=self.email)[0]
        assert mail["type"] == "DisposablePassword"
        return str(mail["text"].split("is ")[1][:6])


class TestTwoFactorLogin:
    @pytest.fixture
    def door(self, box: Box) -> Door:
        return Door(box, two_factor=True)

    def test_it_asks_for_the_code_that_it_has_mailed(self, door: Door):
        first = door.knock()
        assert first.status_code == 202
        asked = first.json()
        assert {**asked, "Token": ""} == {
            "State": "Expecting", "Step": "VerificationCode", "Reason": "Expecting confirmation code", "Token": "",
        }  # fmt: skip
        done = door.knock(asked["Token"], VerificationCode=door.mailed_code())
        assert (done.status_code, done.json()["State"]) == (200, "Succeeded")
        assert Client(door.box, done.json()["Token"]).get("/users/@me/info")["Login"] == "dana.reyes"

    def test_the_interim_token_opens_nothing_else(self, door: Door):
        answer = Client(door.box, door.knock().json()["Token"]).send("GET", "/users/@me/info")
        assert (answer.status_code, answer.json()) == (401, E3)

    def test_a_code_without_its_ticket_is_a_corrupted_ticket(self, door: Door):
        door.knock()
        for interim in ("", "made-up"):
            answer = door.knock(interim, VerificationCode=door.mailed_code())
            assert answer.status_code == 401
            assert answer.json() == {"State": "Failed", "Step": "VerificationCode", "Reason": "Corrupted ticket"}

    def test_a_ticket_is_good_once_and_for_five_wrong_codes(self, door: Door):
        door.box.settings(rate_limits=False)
        interim = door.knock().json()["Token"]
        statuses = [door.knock(interim, VerificationCode="nope").status_code for _ in range(5)]
        assert statuses == [202] * 4 + [401]
        assert door.knock(interim, VerificationCode=door.mailed_code()).json()["Reason"] == "Corrupted ticket"

    def test_the_password_is_asked_for_at_every_step(self, door: Door):
        interim = door.knock().json()["Token"]
        answer = door.knock(interim, password="guess", VerificationCode=door.mailed_code())
        assert answer.json()["Reason"] == "Invalid credentials"


class TestPinLogin:
    @pytest.fixture
    def door(self, box: Box) -> Door:
        return Door(box, pin_asked=True, pin="2468", pin_image="harbor.png", personal_phrase="salt and light")

    def test_it_shows_by_what_people_know_the_real_site(self, door: Door):
        asked = door.knock().json()
        assert (asked["Step"], asked["PersonalPhrase"], asked["Image"]) == (
            "SecurityPin", "salt and light", "harbor.png",
        )  # fmt: skip
        assert door.knock(asked["Token"], PinCode="2468").json()["State"] == "Succeeded"

    def test_the_third_wrong_pin_ends_it(self, door: Door):
        interim = door.knock().json()["Token"]
        answers = [door.knock(interim, PinCode="1111") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 401]
        assert answers[-1].json() == {"State": "Failed", "Step": "SecurityPin", "Reason": "Invalid pin"}
        assert door.knock(interim, PinCode="2468").status_code == 401

    def test_it_comes_after_the_code_where_both_are_on(self, box: Box):
        door = Door(box, two_factor=True, pin_asked=True, pin="2468")
        second = door.knock(door.knock().json()["Token"], VerificationCode=door.mailed_code())
        assert (second.status_code, second.json()["Step"]) == (202, "SecurityPin")
        assert door.knock(second.json()["Token"], PinCode="2468").status_code == 200

    def test_a_pin_that_was_never_set_is_set_on_the_way(self, box: Box):
        door = Door(box, pin_asked=True)
        asked = door.knock().json()
        assert (asked["State"], asked["Reason"]) == ("Expecting", "PIN code is not init")
        assert set_pin(box, asked["ConfirmationToken"], "9753").status_code == 200
        assert door.knock(asked["Token"], PinCode="9753").json()["State"] == "Succeeded"
        assert set_pin(box, asked["ConfirmationToken"], "1111").status_code == 400

    def test_a_reset_mails_a_code_for_another_pin(self, box: Box, investor: Client):
        assert investor.send("POST", "/users/@me/pincode").json() == ["PIN code is not init"]
        door = Door(box, pin_asked=True, pin="2468")
        assert investor.send("POST", "/users/@me/pincode").status_code == 200
        mail = box.control("GET", "mail", to=DANA)[0]
        assert mail["type"] == "ResetPinCode"
        assert set_pin(box, mail["text"].split("is ")[1][:10], "5555").status_code == 200
        assert door.knock(door.knock().json()["Token"], PinCode="5555").status_code == 200


def set_pin(box: Box, token: str, pin: str) -> requests.Response:
    body = {"Token": token, "Pin": pin, "ImageName": "sun.png", "PersonalPhrase": "morning"}
    headers = {"Et-App-Key": HARBOR.key}
    return requests.put(f"{box.url}/api/v1.0/users/pincode/change", json=body, headers=headers, timeout=5)


class TestExpiredPassword:
    def test_it_has_to_be_changed_with_the_confirmation_token(self, box: Box):
        door = Door(box, password_expired=True)
        refused = door.knock()
        assert (refused.status_code, refused.json()["Step"]) == (401, "BaseAuthentication")
        assert "expired" in refused.json()["Reason"]
        assert choose_password(box, refused.json()["ConfirmationToken"], "another harbor").json()["Errors"] == []
        assert door.knock(password="another harbor").status_code == 200


class TestCodeExchange:
    def test_a_code_of_the_oauth_flow_buys_a_token(self, box: Box, visitor: Browser):
        code = code_in(visitor.sign_in())
        answer = exchange(box, code)
        assert (answer.status_code, answer.json()["State"]) == (200, "Succeeded")
        assert Client(box, answer.json()["Token"]).get("/users/@me/info")["UserId"] == 7311
        assert exchange(box, code).status_code == 401

    def test_it_has_to_come_with_the_address_that_it_was_sent_to(self, box: Box, visitor: Browser):
        answer = exchange(box, code_in(visitor.sign_in()), redirect_uri="http://evil.test/")
        assert (answer.status_code, answer.json()["State"]) == (401, "Failed")


def exchange(box: Box, code: str, redirect_uri: str = HARBOR.callback) -> requests.Response:
    headers = {"Et-App-Key": HARBOR.key, "OAuthCode": code, "RedirectUri": redirect_uri, "AuthenticationType": "User"}
    return requests.post(f"{box.url}/api/token", headers=headers, timeout=5)


class TestChangingThePassword:
    def change(self, client: Client, **changes: str) -> requests.Response:
        body = {"OldPassword": PASSWORD, "Password": "another harbor", "PasswordConfirm": "another harbor"} | changes
        return client.send("PUT", "/users/@me/password/change", json=body)

    def test_it_signs_out_everywhere(self, box: Box, investor: Client):
        assert (self.change(investor).status_code, self.change(investor).status_code) == (200, 401)
        assert Door(box).knock().status_code == 401
        assert Door(box).knock(password="another harbor").status_code == 200
        assert box.control("GET", "mail", to=DANA)[0]["type"] == "PasswordChanged"

    def test_it_names_what_is_missing(self, investor: Client):
        answer = self.change(investor, OldPassword="")
        assert answer.status_code == 422
        assert answer.json()["ModelState"] == {"userPassword.OldPassword": ["Password is required"]}

    @pytest.mark.parametrize(
        "changes",
        [
            {"OldPassword": "guess"},
            {"PasswordConfirm": "different one"},
            {"Password": "short", "PasswordConfirm": "short"},
            {"Password": PASSWORD, "PasswordConfirm": PASSWORD},
        ],
    )
    def test_it_refuses_and_keeps_the_old_one(self, investor: Client, changes: dict[str, str]):
        answer = self.change(investor, **changes)
        assert (answer.status_code, answer.json()["IsSucceed"]) == (400, False)
        assert investor.get("/users/@me/info")["UserId"] == 7311

    def test_nobody_can_do_it_for_somebody_else(self, box: Box):
        administrator = log_in(box, "admin@demo.test")
        body = {"OldPassword": PASSWORD, "Password": "another harbor", "PasswordConfirm": "another harbor"}
        assert administrator.send("PUT", "/users/7311/password/change", json=body).json() == E3


class TestForgettingThePassword:
    def ask(self, box: Box, user: str, **more: str) -> requests.Response:
        return post(box, "/users/password/reset", {"User": user, **more})

    def test_a_code_from_a_mail_leads_to_another_one(self, box: Box):
        assert self.ask(box, "dana.reyes").json()["Errors"] == []
        code = box.control("GET", "mail", to=DANA)[0]["text"].split("is ")[1][:10]
        token = post(box, "/users/password/reset/code", {"Code": code}).json()["Model"]
        assert choose_password(box, token, "another harbor").json() == {"Errors": [], "IsSucceed": True}
        assert Door(box).knock(password="another harbor").status_code == 200
        assert post(box, "/users/password/reset/code", {"Code": code}).status_code == 400

    def test_the_secret_question_has_to_be_answered(self, box: Box):
        box.control("POST", "users", {"email": DANA, "question_id": 3, "answer": "Biscuit"})
        question = requests.get(
            f"{box.url}/api/v1.0/users/password/secret-question",
            params={"username": DANA}, headers={"Et-App-Key": HARBOR.key}, timeout=5,
        ).json()  # fmt: skip
        assert "pet" in question["Model"]
        refused = self.ask(box, DANA, SecretQuestionAnswer="Rex")
        assert refused.json()["ErrorsCode"] == ["ErrorIncorrectAnswer"]
        assert self.ask(box, DANA, SecretQuestionAnswer="biscuit").json()["Errors"] == []

    def test_an_unknown_user_is_an_error(self, box: Box):
        assert self.ask(box, "nobody@demo.test").json()["ErrorsCode"] == ["ErrorUserNotFound"]


def post(box: Box, path: str, body: Any) -> requests.Response:
    return requests.post(f"{box.url}/api/v1.0{path}", json=body, headers={"Et-App-Key": HARBOR.key}, timeout=5)


def choose_password(box: Box, token: str, password: str) -> requests.Response:
    body = {"Token": token, "Password": password, "PasswordConfirmation": password}
    headers = {"Et-App-Key": HARBOR.key}
    return requests.put(f"{box.url}/api/v1.0/users/passwords/reset/", json=body, headers=headers, timeout=5)
