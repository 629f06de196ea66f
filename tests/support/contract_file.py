"""Where the vendor's published description is. `python -m tests.support.contract_file` says whether there is one.

It is not ours to pass on. CONTRACT names the file, from our folder on; else a copy beside the checkout is taken.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BESIDE_THE_CHECKOUT = ROOT.parent / "shared/autoshares/openapi.json"


def contract_file() -> Path:
    return ROOT / (os.environ.get("CONTRACT") or BESIDE_THE_CHECKOUT)


if __name__ == "__main__":
    sys.exit(not contract_file().is_file())
