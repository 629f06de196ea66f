"""What comes back when somebody signs: the tick, and which words they were shown."""

from django import forms


class SigningForm(forms.Form):
    has_agreed = forms.BooleanField(
        error_messages={"required": "Tick this box once you have read it and agree; then sign."}
    )
    version = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    text_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
