"""How often somebody may try a password at the back office. Counted per process, or per cache if one is shared."""

import hashlib

from django.core.cache import cache

WINDOW_SECONDS = 300
TRIES_PER_NAME_AND_ADDRESS = 5
TRIES_PER_ADDRESS = 30  # an office shares one; a list of names tried from one place does not get far


def may_try(username: str, address: str) -> bool:
    """Count one try; False once there were too many in the last five minutes.

    Counting comes before the password is looked at, so that tries that race are all counted.
    """
    allowed = _count(_key(username, address)) <= TRIES_PER_NAME_AND_ADDRESS
    return _count(_key("", address)) <= TRIES_PER_ADDRESS and allowed


def forgive(username: str, address: str) -> None:
    """The password was right: the count of this name starts over."""
    cache.delete(_key(username, address))


def _count(key: str) -> int:
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # it ran out between the two calls
        cache.set(key, 1, WINDOW_SECONDS)
        return 1


def _key(username: str, address: str) -> str:
    told_apart = f"{username.strip().casefold()}\n{address}"
    return "back-office-tries:" + hashlib.sha256(told_apart.encode()).hexdigest()
