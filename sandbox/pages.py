"""What all pages of the sandbox share: templates, a strict content security policy, and who may post a form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

FOLDER = Path(__file__).parent
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

_templates = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def draw(
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    forms_lead_to: str = "",
    runs_scripts: bool = False,
) -> HTMLResponse:
    """A page. `forms_lead_to`: the foreign origin to which a form of it may end up redirecting. `runs_scripts`: it may
    load our own script files, and these may fetch from here."""
    html = _templates.get_template(template).render(context)
    return HTMLResponse(html, status_code=status, headers=_page_headers(forms_lead_to, runs_scripts))


def _page_headers(forms_lead_to: str, runs_scripts: bool) -> dict[str, str]:
    scripts = "script-src 'self'; connect-src 'self'; " if runs_scripts else ""
    policy = (
        f"default-src 'none'; {scripts}style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {forms_lead_to}".rstrip()
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


def see_other(address: str) -> RedirectResponse:
    """On to another page, to be fetched with GET."""
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def comes_from_here(request: Request) -> bool:
    """False for a form or call that another site's page has sent."""
    origin = request.headers.get("origin")
    return origin is None or origin == origin_of(str(request.url))


def is_local(request: Request) -> bool:
    """True for a client on this machine that calls the sandbox by a local name (no rebinding of foreign names)."""
    client = request.client.host if request.client else ""
    from_here = client in ("::1", "testclient") or client.startswith("127.")
    return from_here and (request.url.hostname or "") in LOOPBACK_NAMES


STATIC_FILES = {
    "sandbox.css": ("text/css", (FOLDER / "static" / "sandbox.css").read_bytes()),
    "console.css": ("text/css", (FOLDER / "static" / "console.css").read_bytes()),
    "console.js": ("text/javascript", (FOLDER / "static" / "console.js").read_bytes()),
    "icon.svg": ("image/svg+xml", (FOLDER / "static" / "icon.svg").read_bytes()),
}


def static_file(name: str) -> Response:
    if name not in STATIC_FILES:
        return Response(status_code=404)
    media_type, content = STATIC_FILES[name]
    return Response(content, media_type=media_type, headers={"Cache-Control": "max-age=300"})
