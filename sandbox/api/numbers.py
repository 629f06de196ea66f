"""Whole numbers as the contract types them: outside of their range they cannot be read, as with the vendor."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
