"""Run the AutoShares sandbox alone: `python -m deploy.local.sandbox [arguments of the sandbox]`."""

import os
import sys
from typing import NoReturn

from deploy.local.environment import ROOT, outer_environment, port
from deploy.local.ports import PortTaken, check_free


def command(*, listen: int, web: int, state: object, market_hours: str) -> list[str]:
    return [
        *(sys.executable, "-m", "sandbox", "--port", str(listen), "--web-port", str(web)),
        *("--state", str(state), "--market-hours", market_hours),
    ]


def main(arguments: list[str]) -> NoReturn:
    environment = outer_environment()
    try:
        listen, web = port("SANDBOX_PORT", 9100, environment), port("WEB_PORT", 8000, environment)
        check_free("SANDBOX_PORT", listen, "make sandbox")
    except (ValueError, PortTaken) as error:
        sys.exit(f"✗ {error}")
    state = ROOT / ".local" / "sandbox.sqlite3"
    alone = command(listen=listen, web=web, state=state, market_hours="calendar")
    os.chdir(ROOT)
    os.execv(sys.executable, [*alone, *arguments])  # noqa: S606  (it takes our place, and our signals)


if __name__ == "__main__":
    main(sys.argv[1:])
