"""The sockets: one pooled `requests` session per process, arranged so that a failure tells whether anything was sent.

Two things that `requests` alone cannot promise are settled here:

- Whatever fails while a connection is being made, the TLS handshake included, failed before the first byte of the
  request. Such a failure is marked, so that `was_never_sent` can tell it from a reset in mid-flight.
- A request that must happen at most once never travels on a connection that idled in the pool. The server may have
  closed such a connection a moment ago; the reset that follows looks exactly like one after the request was read, and
  an order would be left in doubt for nothing. Anything but a GET therefore gets a connection of its own.
"""

import os
from functools import lru_cache
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

POOL_SIZE = 32


class _TLSConnection(HTTPSConnection):
    """Says of a reset or a time-out within the handshake what urllib3 says of one before: no connection came about."""

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPException, SSLError) as failure:
            raise NewConnectionError(self, type(failure).__name__) from failure


class _FreshPlainConnection(HTTPConnection):
    is_connected = property(lambda self: False)  # the pool takes it for dropped, closes it and connects anew


class _FreshTLSConnection(_TLSConnection):
    is_connected = property(lambda self: False)


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class _FreshPlainPool(HTTPConnectionPool):
    ConnectionCls = _FreshPlainConnection


class _FreshTLSPool(HTTPSConnectionPool):
    ConnectionCls = _FreshTLSConnection


class _PoolAdapter(HTTPAdapter):
    def __init__(self, plain: type[HTTPConnectionPool], tls: type[HTTPSConnectionPool]) -> None:
        self._pools = {"http": plain, "https": tls}
        super().__init__(pool_connections=8, pool_maxsize=POOL_SIZE)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


class _VendorAdapter(BaseAdapter):
    """Sends a GET over kept connections and everything else over a fresh one that is closed afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = _PoolAdapter(HTTPConnectionPool, _TLSPool)
        self._fresh = _PoolAdapter(_FreshPlainPool, _FreshTLSPool)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        if request.method == "GET":
            return self._kept.send(request, **options)
        request.headers["Connection"] = "close"
        return self._fresh.send(request, **options)

    def close(self) -> None:
        self._kept.close()
        self._fresh.close()


class BearerAuth(requests.auth.AuthBase):
    """Puts the token on one request. Given as `auth`, it also keeps `requests` from looking into a .netrc file."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def new_session() -> requests.Session:
    """A session with pooled connections, with nothing of an investor on it (no cookie, no token)."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", _VendorAdapter())
    session.mount("http://", _VendorAdapter())
    return session


@lru_cache(maxsize=1)
def shared_session() -> requests.Session:
    """This process's session. A forked child starts with its own: two processes on one socket mix up answers."""
    return new_session()


os.register_at_fork(after_in_child=shared_session.cache_clear)


def was_never_sent(failure: requests.RequestException) -> bool:
    """True if `failure` happened before the first byte of the request; False means that nobody knows."""
    if isinstance(failure, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True  # requests reports a ProxyError only for a proxy that could not be reached or refused the tunnel
    if isinstance(failure, requests.exceptions.InvalidHeader | requests.exceptions.InvalidURL):
        return True
    return isinstance(_reason(failure), ConnectTimeoutError)


def name_of(failure: BaseException) -> str:
    """The name of what went wrong, and nothing else: the texts of `requests` quote URLs and header values."""
    reason = _reason(failure)
    if reason is not None:
        return type(reason.__cause__ or reason).__name__
    inner = [part for part in getattr(_first(failure), "args", ()) if isinstance(part, Exception)]
    return type(inner[-1] if inner else failure).__name__


def _reason(failure: BaseException) -> BaseException | None:
    reason = getattr(_first(failure), "reason", None)
    return reason if isinstance(reason, BaseException) else None


def _first(failure: BaseException) -> object:
    return failure.args[0] if failure.args else None
