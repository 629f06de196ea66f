"""Error pages: what happened and what to do, in the broker's brand.

htmx puts a 4xx answer into the panel that asked. A whole error page has no place in a panel, so there the panel stays
as it is, with everything typed, and whoever pressed a button reads one passing sentence.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from investors.kept_forms import keep_form
from investors.returning import page_of


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _explain(request, "errors/403.html", 403, "That is not open to you, and nothing was changed.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _explain(request, "errors/404.html", 404, "That is no longer here. Reload the page to see what is.")


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is too old, or sent from elsewhere: nothing was done, and the way back is one click."""
    words = "This form was open too long, so nothing was sent. Reload the page and send it again."
    page = page_of(request) if keep_form(request) else None
    return _explain(request, "errors/csrf.html", 403, words, {"reopen": page})


def _explain(request: HttpRequest, page: str, status: int, words: str, context: dict | None = None) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return render(request, page, context, status=status)
    if request.method == "POST":
        response = render(request, "errors/toast.html", {"text": words}, status=status)
    else:  # a panel that refreshes by itself has nobody to talk to
        response = HttpResponse(status=status)
    response["HX-Reswap"] = "none"
    return response
