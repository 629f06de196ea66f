"""The gate: keys, tokens, foreign accounts, rate limits, and the exact bodies of refusals."""

import pytest
import requests

from tests.sandbox.actors import HARBOR, NORTHWIND, PASSWORD, Box, Client, log_in

E1 = {"error": "Application key is not defined or does not exist"}
E2 = {"State": "Failed", "Step": "BaseAuthentication", "Reason": "Invalid credentials"}
E3 = {"Message": "Authorization has been denied for this request."}
E4 = {"message": "An error occurred while processing your request", "error": "Unexpected server error"}


class TestApplicationKey:
    @pytest.mark.parametrize("key", ["", "wrong", "demo-harbor-app-key-publishable"])
    def test_it_is_asked_for_on_every_call(self, investor: Client, key: str):
        investor.key = key
        answer = investor.send("GET", "/users/@me/info")
        assert (answer.status_code, answer.json()) == (403, E1)

    def test_a_wrong_one_is_401_at_the_login(self, box: Box):
        headers = {"Et-App-Key": "wrong", "Username": "investor@demo.test", "Password": PASSWORD}
        for path in ("token", "logout"):
            answer = requests.post(f"{box.url}/api/{path}", headers=headers, timeout=5)
            assert (answer.status_code, answer.json()) == (401, E1)

    def test_it_does_not_work_while_the_application_is_not_active(self, investor: Client, box: Box):
        box.control("PATCH", "apps", {"client_id": HARBOR.client_id, "active": False})
        assert investor.send("GET", "/users/@me/info").json() == E1

    def test_health_needs_none(self, box: Box):
        assert requests.get(f"{box.url}/api/health", timeout=5).status_code == 200


class TestLogin:
    def test_it_succeeds_by_email_and_by_login_name(self, box: Box):
        for name in ("investor@demo.test", "dana.reyes"):
            assert log_in(box, name).get("/users/@me/info")["Login"] == "dana.reyes"

    @pytest.mark.parametrize("name", ["investor@demo.test", "nobody@demo.test", ""])
    def test_it_fails_alike_for_a_wrong_password_and_an_unknown_name(self, box: Box, name: str):
        headers = {"Et-App-Key": HARBOR.key, "Username": name, "Password": "wrong"}
        answer = requests.post(f"{box.url}/api/token", headers=headers, timeout=5)
        assert (answer.status_code, answer.json()) == (401, E2)

    def test_users_are_valid_in_both_applications(self, box: Box):
        assert log_in(box, "investor@demo.test", app=NORTHWIND).get("/users/@me/info")["UserId"] == 7311


class TestForeignThings:
    @pytest.mark.parametrize("path", ["info", "details", "orders?pageNumber=0&pageSize=9", "preview/limits/AAPL"])
    def test_somebody_elses_account_is_denied(self, trader: Client, path: str):
        answer = trader.send("GET", f"/accounts/6412/{path}")
        assert (answer.status_code, answer.json()) == (401, E3)

    @pytest.mark.parametrize("account", [7311, 1, 99999999999999999999])
    def test_an_unknown_account_is_an_unexpected_error(self, investor: Client, account: int):
        answer = investor.send("GET", f"/accounts/{account}/info")
        assert (answer.status_code, answer.json()) == (500, E4)

    def test_a_foreign_order_is_not_found_under_the_own_account(self, investor: Client, trader: Client):
        order = trader.place("KO", "Buy", 1)
        assert investor.send("GET", f"/accounts/6412/orders/{order['Id']}").status_code == 500
        assert investor.send("DELETE", f"/accounts/6412/orders/{order['Id']}").status_code == 500

    def test_somebody_else_is_denied_and_nobody_is_an_error_of_its_own(self, investor: Client):
        assert investor.send("GET", "/users/7313/info").json() == E3
        nobody = investor.send("GET", "/users/1/info")
        assert nobody.status_code == 500
        assert nobody.json()["IsSucceed"] is False

    def test_text_instead_of_an_id_is_an_invalid_request(self, investor: Client):
        answer = investor.send("GET", "/accounts/mine/info")
        assert (answer.status_code, answer.json()) == (400, {"Message": "The request is invalid."})

    def test_an_unknown_route_names_the_address(self, investor: Client, box: Box):
        answer = investor.send("GET", "/nothing/here")
        assert answer.status_code == 404
        assert answer.json() == {
            "Message": f"No HTTP resource was found that matches the request URI '{box.url}/api/v1.0/nothing/here'."
        }


class TestRateLimits:
    def test_every_answer_tells_how_the_caller_stands(self, investor: Client):
        first = investor.send("GET", "/equities/AAPL").headers
        second = investor.send("GET", "/equities/AAPL").headers
        assert first["X-RateLimit-Limit"] == "200"
        assert int(first["X-RateLimit-Remaining"]) == int(second["X-RateLimit-Remaining"]) + 1
        assert "Retry-After" not in first

    def test_orders_are_limited_per_account(self, investor: Client):
        answers = [investor.send("DELETE", f"/accounts/6412/orders/{number}") for number in range(51)]
        assert {answer.status_code for answer in answers[:50]} == {500}
        assert answers[50].status_code == 429
        assert 1 <= int(answers[50].headers["Retry-After"]) <= 60
        assert answers[50].json() == {"Message": "Too many requests"}
        assert investor.send("DELETE", "/accounts/6413/orders/1").status_code == 500

    @pytest.mark.parametrize(
        ("call", "limit"),
        [
            ("POST /accounts/6412/orders/mutual-funds/buy", "50"),
            ("DELETE /accounts/6412/orders/mutual-funds/1", "50"),
            ("POST /accounts/6412/preview/orders/mutual-funds/buy", "120"),
        ],
    )
    def test_orders_of_mutual_funds_are_orders(self, investor: Client, call: str, limit: str):
        assert investor.send(*call.split(), json={}).headers["X-RateLimit-Limit"] == limit

    def test_nobody_uses_up_anothers(self, investor: Client, trader: Client):
        answers = [trader.send("DELETE", "/accounts/6412/orders/1") for _ in range(51)]
        assert [answers[0].json(), answers[50].status_code] == [E3, 429]
        assert investor.send("DELETE", "/accounts/6412/orders/1").status_code == 500

    def test_refusals_tell_them_too(self, investor: Client):
        investor.token = "dead"
        answer = investor.send("GET", "/equities/AAPL")
        assert (answer.status_code, answer.headers["X-RateLimit-Limit"]) == (401, "200")
        assert answer.headers["X-RateLimit-Remaining"] == "200"

    def test_they_can_be_switched_off(self, investor: Client, box: Box):
        box.settings(rate_limits=False)
        answers = [investor.send("DELETE", "/accounts/6412/orders/1") for _ in range(52)]
        assert {answer.status_code for answer in answers} == {500}

    def test_logins_are_limited(self, box: Box):
        headers = {"Et-App-Key": HARBOR.key, "Username": "trader@demo.test", "Password": "wrong"}
        statuses = [box.http.post(f"{box.url}/api/token", headers=headers, timeout=5).status_code for _ in range(11)]
        assert statuses == [401] * 10 + [429]
