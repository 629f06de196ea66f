"""What comes back when somebody signs: the tick, and which words they were shown."""

from django import forms

from agreements.signing import Shown


class SigningForm(forms.Form):
    has_agreed = forms.BooleanField(
        error_messages={"required": "Tick this box once you have read it and agree; then sign."}
    )
    type = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    version = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    text_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @property
    def shown(self) -> Shown:
        """Which words these were; only of a valid form."""
        answers = self.cleaned_data
        return Shown(type=answers["type"], version=answers["version"], sha256=answers["text_sha256"])
