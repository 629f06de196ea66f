"""The vendor's error bodies, E1 to E13 of API.md 3.2, under the statuses they come with."""

import json
import pickle
from datetime import UTC, datetime

import pytest

from autoshares import errors
from autoshares.answers import Answer, Call, error_for, fields_of, message_of, seconds_to_wait

E1 = {"error": "Application key is not defined or does not exist"}
E2 = {"State": "Failed", "Step": "BaseAuthentication", "Reason": "Invalid credentials"}
E3 = {"Message": "Authorization has been denied for this request."}
E4 = {"message": "An error occurred while processing your request", "error": "Unexpected server error"}
E5 = {
    "Message": "Validation error occured while processing entity",
    "ModelState": {"placeParams.Type": ["An error has occurred."], "placeParams.Price": ["Bad.", "Worse."]},
}
E6 = {"Error": {"Code": "UnsupportedApiVersion", "Message": "The version '1.0' does not support 'GET'."}}
E7 = {"Message": "No HTTP resource was found that matches the request URI '/x'."}
E8 = {"Message": "The request is invalid."}
E9 = {"Model": None, "Errors": ["No such user."], "StatusCode": 400, "IsSucceed": False}
E10 = {"Errors": ["Wrong."], "ErrorsCode": ["ErrorIncorrectAnswer"], "IsSucceed": False}
E11 = {"Errors": ["Email was not set."], "Reason": "SchemaValidationFail"}
E13 = {
    "IsSuccessful": False,
    "ErrorDescription": "DayTradingBuyingPowerExceeded",
    "ErrorDescriptionText": "Buying power is not sufficient.",
}


def answered(status, body=None, *, endpoint="/accounts/{account_id}/orders", **headers):
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(Call("POST", endpoint), status, headers, content)


class TestErrorFor:
    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (401, E1, errors.Misconfigured),
            (403, E1, errors.Misconfigured),
            (401, E2, errors.Unauthorized),
            (401, E3, errors.Unauthorized),
            (403, None, errors.Forbidden),
            (500, E4, errors.ServerError),
            (422, E5, errors.Invalid),
            (404, E6, errors.NotFound),
            (404, E7, errors.NotFound),
            (400, E8, errors.Invalid),
            (400, E9, errors.Invalid),
            (500, E9, errors.ServerError),
            (409, E11, errors.Conflict),
            (409, None, errors.Conflict),
            (429, None, errors.RateLimited),
            (502, b"<html>", errors.Unavailable),
            (503, None, errors.Unavailable),
            (504, None, errors.Unavailable),
            (302, None, errors.Unexpected),
            (418, None, errors.Unexpected),
            (501, None, errors.Unexpected),
        ],
    )
    def test_it_maps_status_and_body(self, status, body, kind):
        assert type(error_for(answered(status, body))) is kind

    def test_a_500_leaves_it_open_what_happened(self):
        assert isinstance(error_for(answered(500, E4)), errors.Unavailable)

    @pytest.mark.parametrize(("status", "body"), [(400, E8), (401, E3), (403, E1), (404, E7), (409, None), (422, E5)])
    def test_it_calls_a_documented_no_a_refusal(self, status, body):
        assert error_for(answered(status, body)).is_refusal

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (403, b"<html>Forbidden</html>"),
            (404, b"nginx"),
            (401, None),
            (400, None),
            (429, {"Message": "Too many requests"}),
            (500, E4),
            (502, None),
            (302, None),
        ],
    )
    def test_it_takes_no_others_word_for_a_refusal(self, status, body):
        error = error_for(answered(status, body))
        assert not error.is_refusal
        assert not error.never_sent

    def test_it_says_which_fields_are_wrong(self):
        error = error_for(answered(422, E5))
        assert error.fields == {"Type": ["An error has occurred."], "Price": ["Bad.", "Worse."]}

    def test_it_tells_how_long_to_wait(self):
        assert error_for(answered(429, Retry_After="17")).retry_after == 17
        assert error_for(answered(429)).retry_after is None

    def test_it_tells_an_account_from_a_session(self):
        foreign = error_for(answered(401, E3, endpoint="/accounts/{account_id}/info"))
        ended = error_for(answered(401, E3, endpoint="/users/@me/info"))
        assert foreign.concerns_account
        assert not ended.concerns_account


class TestWhatAnErrorTells:
    def test_it_can_be_logged(self):
        error = error_for(answered(422, E5, X_Request_Id="abc-1"))
        assert str(error) == "POST /accounts/{account_id}/orders: Invalid, 422, request abc-1"

    def test_it_never_logs_the_vendors_words(self):
        body = {"Message": "dana@example.com is taken"}
        error = error_for(answered(409, body))
        assert error.message == "dana@example.com is taken"
        assert "dana" not in f"{error} {error!r} {error.args}"

    def test_it_survives_the_way_to_another_process(self):
        error = pickle.loads(pickle.dumps(error_for(answered(422, E5))))
        assert (error.status, error.fields["Price"]) == (422, ["Bad.", "Worse."])

    def test_every_error_is_one_of_the_tree(self):
        tree = errors.__doc__
        kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}
        public = {kind for kind in kinds if issubclass(kind, Exception) and not kind.__name__.startswith("_")}
        assert len(public) > 12
        for kind in public:
            assert issubclass(kind, errors.AutoSharesError)
            assert f" {kind.__name__}" in tree


class TestMessageOf:
    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (E1, "Application key is not defined or does not exist"),
            (E2, "Invalid credentials"),
            (E3, "Authorization has been denied for this request."),
            (E4, "An error occurred while processing your request"),
            (E5, "An error has occurred."),
            (E6, "The version '1.0' does not support 'GET'."),
            (E9, "No such user."),
            (E10, "Wrong."),
            (E11, "SchemaValidationFail"),
            (E13, "Buying power is not sufficient."),
            ({"error": "invalid_grant", "error_description": "Used."}, "Used."),
            (["Code was sent."], "Code was sent."),
            ("Plain words", "Plain words"),
            ({"Errors": [], "ModelState": {}, "Message": " "}, ""),
            ({"Error": "text", "ModelState": {"x": []}, "Errors": None}, ""),
            (None, ""),
            (7, ""),
        ],
    )
    def test_it_finds_the_sentence(self, body, text):
        assert message_of(body) == text


class TestFieldsOf:
    def test_it_takes_a_bare_key_and_a_bare_text(self):
        assert fields_of({"ModelState": {"Symbol": "Symbol is required"}}) == {"Symbol": ["Symbol is required"]}

    @pytest.mark.parametrize("body", [None, [], "x", {}, {"ModelState": None}, {"ModelState": []}])
    def test_it_finds_none_where_there_are_none(self, body):
        assert fields_of(body) == {}


class TestSecondsToWait:
    def test_it_reads_a_date(self):
        headers = {"Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT"}
        assert seconds_to_wait(headers, now=datetime(2026, 11, 24, 12, tzinfo=UTC)) == 30

    def test_a_date_gone_by_means_now(self):
        headers = {"Retry-After": "Tue, 24 Nov 2026 11:00:00 GMT"}
        assert seconds_to_wait(headers, now=datetime(2026, 11, 24, 12, tzinfo=UTC)) == 0

    @pytest.mark.parametrize("value", ["", "soon", "-5", "1.5"])
    def test_it_makes_nothing_of_nonsense(self, value):
        assert seconds_to_wait({"Retry-After": value}) is None
