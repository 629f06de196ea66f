"""The development sign-up: two calls to a host of its own."""

import json

import pytest

from autoshares import SignUpRoute, errors
from autoshares.connections import new_session

from .conftest import reply

PERSON = {"login": "kim.lee", "email": "kim@demo.test", "first_name": "Kim", "last_name": "Lee"}
APPLICATION = {
    "corr": "DEMO",
    "office": "001",
    "acct_type": "C",
    "acct_name": "Kim Lee",
    "contactf": "Kim",
    "contactl": "Lee",
    "email": "kim@demo.test",
    "ssn": "000-00-0000",
    "dob": "01/31/1990",
    "city": "Salem",
    "zip": "97301",
    "country": "USA",
}


@pytest.fixture
def session():
    session = new_session()
    yield session
    session.close()


def test_each_call_names_its_route(vendor, session):
    vendor.will(reply(200))
    route = SignUpRoute(base_url=vendor.url, subscription_key="gateway-key", session=session)
    route.create_user(**PERSON, password="open-the-market")
    route.open_clearing_account(APPLICATION)
    user, clearing = (json.loads(request.body) for request in vendor.requests)
    assert {request.path for request in vendor.requests} == {"/v1/userregistrationroute/"}
    assert user == {
        "route": "ETNA",
        "content": {
            "credentials": {"login": "kim.lee", "email": "kim@demo.test", "password": "open-the-market"},
            "name": {"firstName": "Kim", "lastName": "Lee"},
        },
    }
    assert clearing == {"route": "RQD", "content": APPLICATION}
    assert vendor.requests[0].headers["ocp-apim-subscription-key"] == "gateway-key"
    assert "authorization" not in vendor.requests[0].headers


def test_it_is_sent_once_and_says_what_is_known(vendor, session):
    vendor.will(reply(503))
    with pytest.raises(errors.Unavailable) as failure:
        SignUpRoute(base_url=vendor.url, session=session).create_user(**PERSON, password="open-the-market")
    assert len(vendor.requests) == 1
    assert "kim" not in str(failure.value)


def test_the_sandbox_takes_both_and_the_person_can_sign_in(sandbox, session, make_client):
    route = SignUpRoute(base_url=sandbox.url, session=session)
    route.create_user(**PERSON, password="open-the-market")
    route.open_clearing_account(APPLICATION)
    anyone = make_client(sandbox.api_url, app_key="demo-harbor-app-key-secret", token="")
    step = anyone.login.start("kim.lee", "open-the-market")
    [account] = make_client(sandbox.api_url, app_key="demo-harbor-app-key-secret", token=step.token).accounts.of_me()
    assert account.clearing_account
