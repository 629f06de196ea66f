"""client.streamers, and the door that asks it."""

import asyncio

import pytest

from autoshares import errors
from autoshares.streamers import StreamKind
from autoshares.streaming import ClientDoor

from .conftest import reply

ADDRESSES = {
    "QuoteAddresses": [
        {"Url": "wss://quotes.example:443", "Type": "EntitlementBased", "SessionId": "secret-q"},
        {"Url": "wss://spare.example:443", "Type": "Delayed", "SessionId": "secret-s"},
    ],
    "DataAddresses": [{"Url": "wss://data.example:9995", "Type": "delayed"}],
}
ME = {"UserId": 7311}


def test_it_knows_both_servers_and_shows_no_session(client, vendor):
    vendor.will(reply(200, ADDRESSES))
    addresses = client.streamers.addresses()
    assert [address.url for address in addresses.quotes] == ["wss://quotes.example:443", "wss://spare.example:443"]
    assert "secret" not in repr(addresses)


@pytest.mark.parametrize("body", ["new-id", {"Id": "new-id"}])
def test_it_takes_both_forms_of_a_recovered_session(client, vendor, body):
    vendor.will(reply(200, body))
    assert client.streamers.recover(StreamKind.QUOTE) == "new-id"
    [request] = vendor.requests
    assert (request.method, request.path) == ("PUT", "/v1.0/streamers/session/recover?sessionType=1")


def test_it_says_when_no_session_came(client, vendor):
    vendor.will(reply(200, {}))
    with pytest.raises(errors.Unavailable):
        client.streamers.recover(StreamKind.DATA)


class TestTheDoor:
    def test_it_opens_a_session_for_the_user(self, client, vendor):
        vendor.will(reply(200, ADDRESSES), reply(200, ME))
        entrance = asyncio.run(ClientDoor(client).enter(StreamKind.QUOTE, 0))
        assert (entrance.url, entrance.user_id, entrance.session_id) == ("wss://quotes.example:443", 7311, "secret-q")
        assert "secret" not in repr(entrance)

    def test_it_asks_for_a_session_where_the_list_has_none(self, client, vendor):
        vendor.will(reply(200, ADDRESSES), reply(200, {"Id": "secret-d"}), reply(200, ME))
        entrance = asyncio.run(ClientDoor(client).enter(StreamKind.DATA, 0))
        assert (entrance.url, entrance.session_id) == ("wss://data.example:9995", "secret-d")
        assert vendor.requests[1].path.endswith("sessionType=0")

    def test_it_tries_the_next_server_when_one_does_not_answer(self, client, vendor):
        vendor.will(reply(200, ADDRESSES), reply(200, ME), reply(200, ADDRESSES))
        door = ClientDoor(client)
        urls = [asyncio.run(door.enter(StreamKind.QUOTE, attempt)).url for attempt in (0, 1)]
        assert urls == ["wss://quotes.example:443", "wss://spare.example:443"]

    def test_it_returns_to_the_same_server_with_a_session_that_continues(self, client, vendor):
        vendor.will(reply(200, ADDRESSES), reply(200, ME), reply(200, "secret-r"))
        door = ClientDoor(client)
        first = asyncio.run(door.enter(StreamKind.QUOTE, 0))
        second = asyncio.run(door.return_to(first, StreamKind.QUOTE))
        assert (second.url, second.user_id, second.session_id) == (first.url, first.user_id, "secret-r")

    def test_it_says_when_there_is_no_server(self, client, vendor):
        vendor.will(reply(200, {}))
        with pytest.raises(errors.Unavailable):
            asyncio.run(ClientDoor(client).enter(StreamKind.QUOTE, 0))
