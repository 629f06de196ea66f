"""client.login: the steps of a direct login (bodies of API.md 2.4), and what they say when they fail."""

import pytest

from autoshares import LoginOutcome, LoginStep, errors

from .conftest import reply

TWO_FACTOR = {
    "State": "Expecting",
    "Step": "VerificationCode",
    "Reason": "Expecting confirmation code",
    "Token": "interim",
}
FAILED = {"State": "Failed", "Step": "BaseAuthentication", "Reason": "Invalid credentials"}


class TestAStep:
    @pytest.mark.parametrize(
        ("state", "step", "reason", "outcome"),
        [
            ("Succeeded", "", "", LoginOutcome.SUCCEEDED),
            ("Expecting", "VerificationCode", "Expecting confirmation code", LoginOutcome.NEEDS_CODE),
            ("Expecting", "SecurityPin", "Invalid pin", LoginOutcome.NEEDS_PIN),
            ("Expecting", "SecutityPin", "Invalid pin", LoginOutcome.NEEDS_PIN),
            ("Expecting", "SecurityPin", "PIN code is not init", LoginOutcome.NEEDS_NEW_PIN),
            ("Expecting", "Fingerprint", "", LoginOutcome.NEEDS_MORE),
            ("Failed", "BaseAuthentication", "Invalid credentials", LoginOutcome.FAILED),
            ("Failed", "", "Invalid credentials", LoginOutcome.FAILED),
            ("Failed", "VerificationCode", "Corrupted ticket", LoginOutcome.FAILED),
            ("Failed", "BaseAuthentication", "Your password has expired.", LoginOutcome.PASSWORD_EXPIRED),
        ],
    )
    def test_its_state_decides(self, state, step, reason, outcome):
        found = LoginStep.from_wire({"State": state, "Step": step, "Reason": reason})
        assert found.outcome is outcome
        assert found.is_over == (state != "Expecting")

    def test_it_shows_no_secret(self):
        step = LoginStep.from_wire({"State": "Expecting", "Token": "t0k", "ConfirmationToken": "c0n", "Image": "im6"})
        assert not any(secret in repr(step) for secret in ("t0k", "c0n", "im6"))

    @pytest.mark.parametrize("body", [None, [], "Succeeded", {}, {"Message": "no"}])
    def test_anything_else_is_none(self, body):
        assert LoginStep.from_wire(body) is None


class TestOnTheWire:
    def test_everything_travels_in_headers_and_the_body_is_empty(self, client, vendor):
        vendor.will(reply(200, {"State": "Succeeded", "Token": "final"}))
        assert client.login.start("dana", "pässwört€").token == "final"
        [request] = vendor.requests
        assert (request.path, request.body, request.headers["content-length"]) == ("/token", b"", "0")
        assert request.headers["password"].encode("latin-1").decode() == "pässwört€"
        assert request.headers["et-app-key"] == "secret-app-key"
        assert "authorization" not in request.headers

    def test_a_second_factor_repeats_the_first_and_bears_the_interim_token(self, client, vendor):
        vendor.will(reply(202, TWO_FACTOR), reply(200, {"State": "Succeeded", "Token": "final"}))
        step = client.login.start("dana", "secret")
        assert step.outcome is LoginOutcome.NEEDS_CODE
        step = client.login.enter_code("dana", "secret", "123456", interim_token=step.token)
        assert step.outcome is LoginOutcome.SUCCEEDED
        headers = vendor.requests[1].headers
        assert headers["authorization"] == "Bearer interim"
        assert (headers["username"], headers["password"], headers["verificationcode"]) == ("dana", "secret", "123456")

    def test_a_pin_goes_in_its_own_header(self, client, vendor):
        vendor.will(reply(200, {"State": "Succeeded", "Token": "final"}))
        client.login.enter_pin("dana", "secret", "2468", interim_token="interim")
        assert vendor.requests[0].headers["pincode"] == "2468"

    def test_an_oauth_code_can_be_traded(self, client, vendor):
        vendor.will(reply(200, {"State": "Succeeded", "Token": "final"}))
        client.login.exchange_code("the-code", redirect_uri="https://invest.example/callback/")
        headers = vendor.requests[0].headers
        assert (headers["oauthcode"], headers["redirecturi"]) == ("the-code", "https://invest.example/callback/")

    def test_a_wrong_password_is_an_outcome(self, client, vendor):
        vendor.will(reply(401, FAILED))
        step = client.login.start("dana", "wrong")
        assert (step.outcome, step.reason) == (LoginOutcome.FAILED, "Invalid credentials")

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_wrong_app_key_is_our_fault(self, client, vendor, status):
        vendor.will(reply(status, {"error": "Application key is not defined or does not exist"}))
        with pytest.raises(errors.Misconfigured):
            client.login.start("dana", "secret")

    def test_a_401_that_is_no_step_is_what_it_always_is(self, client, vendor):
        vendor.will(reply(401, {"Message": "Authorization has been denied for this request."}))
        with pytest.raises(errors.Unauthorized):
            client.login.start("dana", "secret")

    @pytest.mark.parametrize("body", [{}, {"State": "Succeeded"}, [1]])
    def test_a_success_without_a_token_is_none(self, client, vendor, body):
        vendor.will(reply(200, body))
        with pytest.raises(errors.Unexpected):
            client.login.start("dana", "secret")
