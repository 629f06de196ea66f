"""What happens on the wire: who is asked how often, and what a failure says about a request that went out."""

import json
import logging
import subprocess
import sys
from decimal import Decimal

import pytest

from autoshares import AccessType, CheckTransfer, OrderDraft, OrderType, Patience, Side, errors

from .conftest import RESET_ON_CLOSE, hang, reply, reset, truncate

ME = {"UserId": 7311, "Login": "dana.reyes", "FirstName": "Dana", "LastName": "Reyes"}
ORDER = {"Id": 91234, "Symbol": "AAPL", "Status": "PendingNew"}
DRAFT = OrderDraft(
    symbol="AAPL",
    side=Side.BUY,
    type=OrderType.LIMIT,
    quantity=Decimal(10),
    limit_price=Decimal("181.20"),
    client_id="sf-1",
    comment="sf-1",
)


class TestWhatIsSent:
    def test_it_names_the_app_and_bears_the_token(self, client, vendor):
        vendor.will(reply(200, ME))
        client.users.me()
        [request] = vendor.requests
        assert request.path == "/v1.0/users/@me/info"
        assert request.headers["et-app-key"] == "secret-app-key"
        assert request.headers["authorization"] == "Bearer secret-token"
        assert request.headers["accept"] == "application/json"

    def test_it_takes_the_base_url_as_given(self, make_client, vendor):
        vendor.will(reply(200, ME))
        make_client(f"{vendor.url}/api/", version="1.1").users.me()
        assert vendor.requests[0].path == "/api/v1.1/users/@me/info"

    def test_it_leaves_the_version_out_where_there_is_none(self, client, vendor):
        vendor.will(reply(200))
        client.logout()
        assert client.health()
        assert [request.path for request in vendor.requests] == ["/logout", "/health"]
        assert vendor.requests[0].headers["authorization"] == "Bearer secret-token"

    def test_it_writes_prices_digit_for_digit(self, client, vendor):
        vendor.will(reply(200, ORDER))
        client.orders.place(6412, DRAFT)
        [request] = vendor.requests
        assert request.path == "/v1.0/accounts/6412/orders"
        assert b'"Price":181.20' in request.body
        assert b'"TimeInforce":"Day"' in request.body
        assert request.headers["content-type"] == "application/json"

    def test_it_sends_an_empty_body_with_its_length(self, client, vendor):
        vendor.will(reply(200))
        client.agreements.sign(3)
        assert vendor.requests[0].headers["content-length"] == "0"

    @pytest.mark.parametrize("symbol", ["A/B", "A?b=c", "A#B", "BRK B", "ÜBER"])
    def test_it_keeps_a_name_within_its_segment(self, client, vendor, symbol):
        vendor.will(reply(404, {"Message": "Not found"}))
        with pytest.raises(errors.NotFound):
            client.equities.by_symbol(symbol)
        assert vendor.requests[0].path.count("/") == 3
        assert "?" not in vendor.requests[0].path

    @pytest.mark.parametrize("symbol", ["", ".", ".."])
    def test_it_does_not_ask_for_a_name_that_would_lead_elsewhere(self, client, vendor, symbol):
        with pytest.raises(errors.NotFound):
            client.equities.by_symbol(symbol)
        assert vendor.requests == []

    def test_it_sends_the_token_in_spite_of_a_netrc_file(self, client, vendor, tmp_path, monkeypatch):
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login other password other\n")
        monkeypatch.setenv("NETRC", str(netrc))
        vendor.will(reply(200, ME))
        client.users.me()
        assert vendor.requests[0].headers["authorization"] == "Bearer secret-token"

    def test_it_keeps_no_cookie_for_the_next_investor(self, client, vendor):
        vendor.will(reply(200, ME, Set_Cookie="session=danas; Path=/"))
        client.users.me()
        client.users.me()
        assert "cookie" not in vendor.requests[1].headers

    def test_it_follows_no_redirect(self, client, vendor):
        vendor.will(reply(307, None, Location="/elsewhere"))
        with pytest.raises(errors.Unexpected) as failure:
            client.orders.place(6412, DRAFT)
        assert len(vendor.requests) == 1
        assert failure.value.status == 307
        assert not failure.value.is_refusal


class TestConnections:
    def test_reads_share_one(self, client, vendor):
        vendor.will(reply(200, ME))
        client.users.me()
        client.users.me()
        assert len({request.connection for request in vendor.requests}) == 1

    def test_an_order_never_travels_on_a_used_one(self, client, vendor):
        vendor.will(reply(200, ME), reply(200, ORDER))
        client.users.me()
        client.orders.place(6412, DRAFT)
        client.orders.place(6412, DRAFT)
        assert len({request.connection for request in vendor.requests}) == 3
        assert vendor.requests[1].headers["connection"] == "close"

    def test_an_order_leaves_none_behind_even_if_the_server_would_keep_it(self, client, vendor):
        def reply_and_stay(handler):
            reply(200, ORDER)(handler)
            handler.close_connection = False

        vendor.will(reply_and_stay)
        client.orders.place(6412, DRAFT)
        client.orders.place(6412, DRAFT)
        assert len({request.connection for request in vendor.requests}) == 2

    def test_a_forked_child_opens_its_own(self):
        script = """
import os
from autoshares.connections import shared_session
ours = shared_session()
assert ours is shared_session()
child = os.fork()
if child == 0:
    os._exit(0 if shared_session() is not ours else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


class TestAnOrderThatMetTrouble:
    """One request at most, and never a guess: NeverSent only where not a byte can have left."""

    def place(self, client):
        with pytest.raises(errors.AutoSharesError) as failure:
            client.orders.place(6412, DRAFT)
        return failure.value

    def test_a_refused_connection_was_never_sent(self, make_client, free_port):
        error = self.place(make_client(f"http://127.0.0.1:{free_port}"))
        assert type(error) is errors.NeverSent
        assert error.detail == "ConnectionRefusedError"

    def test_an_unknown_host_was_never_sent(self, make_client):
        error = self.place(make_client("http://no-such-host.invalid"))
        assert type(error) is errors.NeverSent
        assert error.detail == "gaierror"

    def test_a_host_that_does_not_answer_was_never_sent(self, make_client, listener_that_is_full):
        error = self.place(make_client(listener_that_is_full, connect_timeout=0.2))
        assert type(error) is errors.NeverSent

    def test_a_failed_tls_handshake_was_never_sent(self, make_client, vendor):
        error = self.place(make_client(vendor.url.replace("http", "https")))
        assert type(error) is errors.NeverSent
        assert vendor.requests == []

    def test_a_read_says_the_same_of_a_failed_handshake(self, make_client, vendor):
        with pytest.raises(errors.NeverSent):
            make_client(vendor.url.replace("http", "https")).users.me()

    def test_a_reset_within_the_handshake_was_never_sent(self, make_client, listener_that_resets):
        assert type(self.place(make_client(listener_that_resets))) is errors.NeverSent

    def test_a_silent_handshake_was_never_sent(self, make_client, listener_that_is_silent):
        error = self.place(make_client(listener_that_is_silent, connect_timeout=0.2))
        assert type(error) is errors.NeverSent

    def test_a_proxy_that_is_down_was_never_sent(self, make_client, vendor, free_port, monkeypatch):
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port}")
        assert type(self.place(make_client("http://api.invalid"))) is errors.NeverSent

    @pytest.mark.parametrize(
        ("trouble", "seconds"), [(reset, 5), (hang, 0.2), (truncate, 5)], ids=["reset", "hang", "truncated"]
    )
    def test_silence_after_sending_leaves_it_unknown(self, make_client, vendor, trouble, seconds):
        vendor.will(trouble)
        error = self.place(make_client(vendor.url, read_timeout=seconds))
        assert type(error) is errors.Unavailable
        assert not error.never_sent
        assert not error.is_refusal
        assert len(vendor.requests) == 1

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
    def test_no_status_makes_it_go_twice(self, client, vendor, pauses, status):
        vendor.will(reply(status, None, Retry_After="1"))
        error = self.place(client)
        assert not error.is_refusal
        assert (len(vendor.requests), pauses) == (1, [])

    @pytest.mark.parametrize(
        "body",
        [b"", b"<html>ok</html>", b'{"Id": 91', b"null", b"[]", b"{}", b'{"Id": -1}', b'{"Price": NaN}'],
    )
    def test_a_200_without_an_order_is_unknown(self, client, vendor, body):
        vendor.will(reply(200, body))
        error = self.place(client)
        assert type(error) is errors.Unavailable
        assert error.status == 200
        assert len(vendor.requests) == 1

    def test_a_preview_body_that_says_no_is_a_refusal(self, client, vendor):
        vendor.will(
            reply(
                200,
                {
                    "IsSuccessful": False,
                    "ErrorDescription": "InsufficientShares",
                    "ErrorDescriptionText": "You hold 5.",
                    "ErrorDescriptionArgs": ["5"],
                },
            )
        )
        error = self.place(client)
        assert type(error) is errors.OrderRefused
        assert (error.code, error.message, error.arguments) == ("InsufficientShares", "You hold 5.", ("5",))
        assert error.is_refusal

    def test_a_preview_body_that_says_yes_names_no_order(self, client, vendor):
        vendor.will(reply(200, {"IsSuccessful": True, "Cost": 1812}))
        assert type(self.place(client)) is errors.Unavailable

    def test_a_cancellation_goes_once_too(self, client, vendor):
        vendor.will(reply(503))
        with pytest.raises(errors.Unavailable):
            client.orders.cancel(6412, 91234)
        assert [request.method for request in vendor.requests] == ["DELETE"]


class TestMoneyThatMetTrouble:
    @pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b"null", b'{"Id": ""}'])
    def test_a_200_without_a_transfer_is_unknown(self, client, vendor, body):
        vendor.will(reply(200, body))
        with pytest.raises(errors.Unavailable) as failure:
            client.transfers.send_check(6412, CheckTransfer(amount=Decimal(100)))
        assert not failure.value.is_refusal
        assert len(vendor.requests) == 1

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"Id": -1}'])
    def test_a_200_without_a_fund_order_is_unknown(self, client, vendor, body):
        vendor.will(reply(200, body))
        with pytest.raises(errors.Unavailable):
            client.mutual_funds.liquidate("6412", "VFIAX")
        assert len(vendor.requests) == 1


class TestShapes:
    """The vendor is of two minds about some (API.md C34 to C38); we take both."""

    ROW = {"UserModel": {"UserId": 7}, "AccountAccessType": "Full"}

    @pytest.mark.parametrize("body", [ROW, [ROW]])
    def test_users_of_an_account_alone_or_in_a_list(self, client, vendor, body):
        vendor.will(reply(200, body))
        for found in (client.accounts.users(6412), client.accounts.bind(6412, 7, AccessType.FULL)):
            assert [user.user.id for user in found] == [7]

    def test_a_wrapped_answer_is_unwrapped(self, client, vendor):
        vendor.will(reply(200, {"Model": {"OrderId": 7, "IsSuccessful": True}, "Errors": [], "IsSucceed": True}))
        assert client.orders.verified(6412, 7).order_id == 7

    def test_a_wrapped_nothing_is_no_answer(self, client, vendor):
        vendor.will(reply(200, {"Model": None, "Errors": ["gone"], "IsSucceed": False}))
        with pytest.raises(errors.Unexpected):
            client.settings.trading()

    @pytest.mark.parametrize(("body", "name"), [({"m_Item1": 1, "m_Item2": "Two"}, "Two"), (None, "New")])
    def test_a_renamed_list_is_a_pair_by_position(self, client, vendor, body, name):
        vendor.will(reply(200, body))
        assert client.watchlists.rename(1, "New") == name
        assert vendor.requests[0].path.endswith("/watchlists/1/name?name=New")

    def test_offerings_come_in_an_envelope_of_their_own(self, client, vendor):
        pages = [
            {"Items": [{"OfferingReference": name}], "PageNumber": number, "PageSize": 1, "TotalCount": 2}
            for number, name in enumerate(("A", "B"))
        ]
        vendor.will(*(reply(200, page) for page in pages))
        assert [offering.reference for offering in client.ipo.offerings(6412)] == ["A", "B"]
        assert [request.path.partition("?page=")[2][0] for request in vendor.requests] == ["0", "1"]

    def test_pages_may_be_asked_for_in_the_body(self, client, vendor):
        pages = [{"Result": [{"Id": number}], "TotalCount": 2} for number in (1, 2)]
        vendor.will(*(reply(200, page) for page in pages))
        assert [order.id for order in client.orders.consolidated([6412, 6413])] == [1, 2]
        body = {"AccountIds": [6412, 6413], "PageNumber": 1, "PageSize": 1, "SortField": "Id", "Desc": False}
        assert json.loads(vendor.requests[1].body) == body

    def test_a_file_comes_as_it_is(self, client, vendor):
        vendor.will(reply(200, b"\x89PNG..."))
        assert client.equities.logo("AAPL") == b"\x89PNG..."
        assert vendor.requests[0].headers["accept"] == "*/*"


class TestPatienceWithReads:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_it_asks_again(self, client, vendor, status):
        vendor.will(reply(status), reply(200, ME))
        assert client.users.me().id == 7311

    @pytest.mark.parametrize("trouble", [reset, truncate, reply(200, b"{half")], ids=["reset", "cut", "half"])
    def test_it_asks_again_after_half_an_answer(self, client, vendor, trouble):
        vendor.will(trouble, reply(200, ME))
        assert client.users.me().id == 7311

    def test_it_gives_up_after_three_tries_with_growing_pauses(self, client, vendor, pauses):
        vendor.will(reply(503))
        with pytest.raises(errors.Unavailable):
            client.users.me()
        assert (len(vendor.requests), pauses) == (3, [1.0, 2.0])

    def test_it_waits_as_long_as_it_is_told(self, client, vendor, pauses):
        vendor.will(reply(429, None, Retry_After="2"), reply(200, ME))
        client.users.me()
        assert pauses == [2.0]

    def test_it_does_not_wait_for_minutes(self, client, vendor, pauses):
        vendor.will(reply(429, None, Retry_After="60"))
        with pytest.raises(errors.RateLimited) as failure:
            client.users.me()
        assert failure.value.retry_after == 60
        assert (len(vendor.requests), pauses) == (1, [])

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 302])
    def test_it_takes_no_for_an_answer(self, client, vendor, status):
        vendor.will(reply(status, {"Message": "no"}))
        with pytest.raises(errors.AutoSharesError):
            client.users.me()
        assert len(vendor.requests) == 1

    def test_a_preview_is_a_read(self, client, vendor):
        vendor.will(reply(503), reply(200, {"IsSuccessful": True}))
        assert client.orders.preview(6412, DRAFT).is_successful

    def test_it_does_not_begin_again_when_much_time_has_passed(self, make_client, vendor):
        vendor.will(reply(503))
        with pytest.raises(errors.Unavailable):
            make_client(vendor.url, patience=Patience(last_try=0)).users.me()
        assert len(vendor.requests) == 1

    def test_it_can_be_told_to_ask_once(self, make_client, vendor):
        vendor.will(reply(503))
        with pytest.raises(errors.Unavailable):
            make_client(vendor.url, patience=Patience(tries=1)).users.me()
        assert len(vendor.requests) == 1

    def test_jitter_may_pick_any_pause_down_to_none(self):
        draws = []
        patience = Patience(draw=lambda low, high: draws.append((low, high)) or 0.0)
        assert patience.after(errors.Unavailable(), 1) == 0.0
        assert patience.after(errors.NeverSent(), 2) == 0.0
        assert draws == [(0, 1.0), (0, 2.0)]


class TestOddAnswers:
    def test_an_object_where_a_list_belongs_is_no_empty_list(self, client, vendor):
        vendor.will(reply(200, {"Message": "maintenance"}))
        with pytest.raises(errors.Unexpected):
            client.accounts.of_me()
        with pytest.raises(errors.Unexpected):
            list(client.orders.list(6412))

    def test_a_list_where_an_object_belongs_is_refused_unless_it_holds_one(self, client, vendor):
        vendor.will(reply(200, [{"Id": 6412}]), reply(200, [{"Id": 1}, {"Id": 2}]))
        assert client.accounts.get(6412).id == 6412
        with pytest.raises(errors.Unexpected):
            client.accounts.get(6412)

    def test_a_total_of_nought_needs_no_rows(self, client, vendor):
        vendor.will(reply(200, {"TotalCount": 0}))
        assert list(client.orders.list(6412)) == []

    def test_positions_may_come_as_a_bare_array(self, client, vendor):
        vendor.will(reply(200, [{"Id": 1, "Symbol": "AAPL"}, {"Id": 2, "Symbol": "V"}]))
        assert [position.symbol for position in client.positions.list(6412)] == ["AAPL", "V"]
        assert len(vendor.requests) == 1

    def test_another_company_is_not_the_one_asked_for(self, client, vendor):
        vendor.will(reply(200, {"Id": 4, "Symbol": "AAPL"}))
        assert client.equities.by_symbol("aapl").id == 4
        with pytest.raises(errors.NotFound):
            client.equities.by_symbol("4")

    def test_an_ended_session_is_told_from_a_foreign_account(self, client, vendor):
        vendor.will(reply(200, ME), reply(401, {"Message": "Authorization has been denied for this request."}))
        assert client.is_signed_in()
        assert not client.is_signed_in()

    def test_no_answer_is_no_verdict_on_the_session(self, client, vendor):
        vendor.will(reply(503))
        with pytest.raises(errors.Unavailable):
            client.is_signed_in()

    def test_ill_health_is_no_error(self, client, vendor, make_client, free_port):
        vendor.will(reply(503))
        assert not client.health()
        assert len(vendor.requests) == 1
        assert not make_client(f"http://127.0.0.1:{free_port}").health()


class TestTheLog:
    def test_it_names_calls_without_secrets_and_ids(self, client, vendor, caplog):
        caplog.set_level(logging.DEBUG, logger="autoshares")
        vendor.will(reply(200, ORDER), reset)
        client.orders.place(6412, DRAFT)
        with pytest.raises(errors.Unavailable):
            client.orders.place(6412, DRAFT)
        ours = "\n".join(record.getMessage() for record in caplog.records if record.name == "autoshares")
        assert "POST /accounts/{account_id}/orders 200 in" in ours
        assert "Unavailable, ConnectionResetError" in ours
        for secret in ("secret-token", "secret-app-key", "6412", "AAPL"):
            assert secret not in ours

    def test_a_traceback_tells_nothing_more(self, client, vendor):
        vendor.will(reset)
        with pytest.raises(errors.Unavailable) as failure:
            client.accounts.balances(6412)
        assert failure.value.__cause__ is None
        assert failure.value.__suppress_context__
        assert "6412" not in str(failure.value)


@pytest.fixture
def listener_that_is_full(sockets):
    """A port whose queue of waiting connections is full, so that the next one hangs."""
    listener = sockets.listen(backlog=0)
    for _ in range(4):
        sockets.connect(listener)
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def listener_that_is_silent(sockets):
    """Accepts, and never says a word of TLS."""
    return f"https://127.0.0.1:{sockets.listen().getsockname()[1]}"


@pytest.fixture
def listener_that_resets(sockets):
    """Accepts, and resets before TLS is agreed on."""
    import socket
    import threading

    listener = sockets.listen()

    def serve():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        connection.close()

    threading.Thread(target=serve, daemon=True).start()
    return f"https://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def sockets():
    import socket

    opened = []

    class Sockets:
        def listen(self, backlog=5):
            listener = socket.socket()
            opened.append(listener)
            listener.bind(("127.0.0.1", 0))
            listener.listen(backlog)
            return listener

        def connect(self, listener):
            caller = socket.socket()
            opened.append(caller)
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())

    yield Sockets()
    for one in opened:
        one.close()
