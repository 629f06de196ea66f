"""How much of the wire a first visit takes, counted by the browser itself."""

import shutil

from playwright.sync_api import sync_playwright


def measure_landing(address: str) -> dict[str, dict[str, object]]:
    """Bytes of the landing page and everything that it loads, as transferred (compressed, headers included)."""
    sizes: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(address, wait_until="networkidle")
        browser.close()
    note = f"landing page, {len(sizes)} responses, first visit"
    return {"landing_kb": {"value": round(sum(sizes) / 1000, 1), "unit": "kB", "note": note}}
