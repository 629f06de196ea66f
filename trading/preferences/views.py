"""The page on which an investor says what is reviewed before it is done."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from agreements.gate import InvestorRequest, agreements_signed
from investors.accounts.choosing import current_link
from trading.fragments import draw
from trading.orders.errors import OrderError
from trading.preferences.models import TradingPreferences
from trading.preferences.reading import ACTS, want_preferences
from trading.preferences.saving import save_preferences


class PreferencesForm(forms.ModelForm):
    class Meta:
        model = TradingPreferences
        fields = [*ACTS]
        labels = {
            "placing": "When you place an order",
            "closing": "When you close a position",
            "changing": "When you change an order",
        }
        widgets = dict.fromkeys(ACTS, forms.RadioSelect)


@require_http_methods(["GET", "HEAD", "POST"])
@agreements_signed
def preferences(request: InvestorRequest) -> HttpResponse:
    """GET: what AutoShares keeps, as we know it. POST: have it keep something else."""
    known = want_preferences(request.user)
    posted = request.POST if request.method == "POST" else None
    form = PreferencesForm(posted, instance=known, auto_id="preferences-%s")
    status = 200
    if posted is not None and form.is_valid():
        try:
            save_preferences(request.user, form.cleaned_data)
        except OrderError as refusal:
            form.add_error(None, refusal.user_message)
            status = refusal.status
        else:
            messages.success(request, "Saved at AutoShares.")
            return HttpResponseRedirect(reverse("trading:preferences"))
    elif posted is not None:
        status = 422
    context = {"link": current_link(request), "form": form, "known": known}
    return draw(request, "trading/preferences/preferences.html", context, part="preferences", status=status)
