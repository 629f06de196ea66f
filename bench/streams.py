"""How many streaming sessions the sandbox serves on one core, measured by clients on this machine."""

import asyncio
import json
import resource
import statistics
import time
from urllib.parse import urlencode

import psutil
import requests
from websockets.asyncio.client import connect

from tests.support.sandboxes import Sandbox, running_sandbox

SESSIONS, KEYS = 1000, 5
WARM_UP_SECONDS, SECONDS = 5, 10
AT_ONCE = 50
APP_KEY = "demo-harbor-app-key-secret"


def measure_streams() -> dict[str, dict[str, object]]:
    """1,000 sessions with five quotes each, more than five messages a second for each of them, and the processor time
    that the sandbox needs meanwhile. The clock runs three times as fast, since prices step once a (virtual) second."""
    _allow_open_files(4 * SESSIONS)
    with running_sandbox("--market-hours", "around-the-clock") as sandbox:
        sandbox.control("clock", {"speed": 3})
        sandbox.control("faults", {"settings": {"rate_limits": False}})
        tokens = [_token(sandbox) for _ in range(SESSIONS)]
        addresses = [_address(sandbox, token) for token in tokens]
        heard, cores = asyncio.run(_listen(sandbox, addresses))
    per_second = [count / SECONDS for count in heard]
    note = f"{KEYS} quote keys each, {statistics.fmean(per_second):.1f} messages/s per session, over {SECONDS} s"
    return {
        "sandbox_stream_sessions": {"value": sum(count > 0 for count in heard), "unit": "", "note": note},
        "sandbox_stream_messages_per_s": {"value": round(sum(per_second)), "unit": "/s", "note": "all sessions"},
        "sandbox_stream_cores": {"value": round(cores, 2), "unit": "", "note": "processor time of the sandbox"},
    }


def _allow_open_files(wanted: int) -> None:
    """A socket is a file; the sandbox inherits the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))


def _token(sandbox: Sandbox) -> str:
    headers = {"Et-App-Key": APP_KEY, "Username": "investor@demo.test", "Password": "open-the-market"}
    return requests.post(f"{sandbox.api_url}/token", headers=headers, timeout=10).json()["Token"]


def _address(sandbox: Sandbox, token: str) -> str:
    headers = {"Et-App-Key": APP_KEY, "Authorization": f"Bearer {token}"}
    found = requests.get(f"{sandbox.api_url}/v1.0/streamers", headers=headers, timeout=10).json()["QuoteAddresses"][0]
    session = found["SessionId"]
    query = urlencode({"User": f"7311:{session}", "Password": session, "HttpClientType": "WebSocket"})
    return f"{found['Url'].replace('localhost', '127.0.0.1')}/CreateSession.txt?{query}"


async def _listen(sandbox: Sandbox, addresses: list[str]) -> tuple[list[int], float]:
    """Messages that each session heard in the measured seconds, and processor seconds per second."""
    heard = [0] * len(addresses)
    gate = asyncio.Semaphore(AT_ONCE)
    listeners = [asyncio.create_task(_session(address, heard, place, gate)) for place, address in enumerate(addresses)]
    deadline = time.monotonic() + 120
    while min(heard) == 0 and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    await asyncio.sleep(WARM_UP_SECONDS)
    before, spent, started = list(heard), _processor_seconds(sandbox), time.monotonic()
    await asyncio.sleep(SECONDS)
    passed = time.monotonic() - started
    cores = (_processor_seconds(sandbox) - spent) / passed
    counts = [(now - then) * SECONDS / passed for now, then in zip(heard, before, strict=True)]
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    return [round(count) for count in counts], cores


async def _session(address: str, heard: list[int], place: int, gate: asyncio.Semaphore) -> None:
    async with gate:
        socket = await connect(address, compression=None, proxy=None, ping_interval=None)
        await socket.recv()
        # Other keys for every session, so that frames have to be made for all of them.
        keys = ";".join(str(1 + (place + step * 7) % 60) for step in range(KEYS))
        session = address.rpartition("Password=")[2].partition("&")[0]
        command = {"Cmd": "Subscribe.txt", "SessionId": session, "Keys": keys, "EntityType": "Quote"}
        await socket.send(json.dumps(command))
    async for message in socket:
        if isinstance(message, bytes):
            raise TypeError("Frames are text.")
        if '"Ping"' in message:
            await socket.send('{"Cmd":"Pong","StatusCode":"Ok"}')
        elif message.startswith('{"EntityType"'):
            heard[place] += 1


def _processor_seconds(sandbox: Sandbox) -> float:
    """User and system time of the process so far."""
    if sandbox.process is None:
        raise RuntimeError("The sandbox does not run.")
    times = psutil.Process(sandbox.process.pid).cpu_times()
    return times.user + times.system
