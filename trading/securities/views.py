"""The search for a symbol, and the quote that keeps itself fresh."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from agreements.gate import InvestorRequest, agreements_signed
from trading.fragments import draw_fragment
from trading.securities.models import Security
from trading.securities.quoting import want_quote
from trading.securities.searching import search_securities

LONGEST_SEARCH = 40
# A search that AutoShares has still to answer is drawn again this often, half a second apart.
LOOKS = 6


@require_safe
@agreements_signed
def search(request: InvestorRequest) -> HttpResponse:
    """The options under a search box: what we know at once, and a second look when AutoShares was asked."""
    text = (request.GET.get("q") or request.GET.get("symbol") or "").strip()[:LONGEST_SEARCH]
    look = int(look) if (look := request.GET.get("look", "")).isdecimal() else 0
    found = search_securities(text, user=request.user) if text else None
    context = {
        "text": text,
        "securities": found.securities if found else [],
        "next_look": look + 1 if found and found.is_pending and look < LOOKS else None,
    }
    return draw_fragment(request, "trading/securities/options.html", context)


@require_safe
@agreements_signed
def quote(request: InvestorRequest, symbol: str) -> HttpResponse:
    """The quote line. Never asks AutoShares itself: an old quote nudges the task that does."""
    security: Security = get_object_or_404(Security.objects, symbol=symbol.upper())
    quote = want_quote(security, user=request.user)
    return draw_fragment(request, "trading/securities/quote.html", {"security": security, "quote": quote})
