"""Tables of the back office's own."""

from django.db import models


class LoginTries(models.Model):
    """How often a name, or anybody, was tried from one address lately. Rows whose time is over are swept away."""

    key = models.CharField(max_length=64, primary_key=True, help_text="SHA-256 of who and where.")
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True, help_text="The count starts over then.")

    class Meta:
        verbose_name_plural = "login tries"

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at}"
