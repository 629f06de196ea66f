"""Forget the demo's data: `make reset`."""

import sys

from deploy.local.environment import outer_environment
from deploy.local.home import DemoIsRunning, Home


def main() -> int:
    home = Home.from_environment(outer_environment())
    if not home.folder.exists():
        print("Nothing to forget: the demo has no data.")
        return 0
    try:
        with home.held():
            home.sweep()
            home.forget()
    except DemoIsRunning as running:
        print(f"✗ The demo is running (process {running}). Stop it with Ctrl-C first.", file=sys.stderr)
        return 1
    print("✓ The demo's data is gone; `make demo` starts over.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
