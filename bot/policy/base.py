"""What the policy language is made of: strict parts, names, words, points and durations."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Gain = Annotated[
    float, Field(strict=True, ge=0, le=4, description="expected rise of the safety score, in points of the 1-5 scale")
]
Price = Annotated[float, Field(strict=True, ge=0, le=4, description="what asking costs, in points of the 1-5 scale")]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Model = Annotated[str, Field(pattern=r"^[a-z]+(:\S+)?$", max_length=200)]
"""A provider, or a provider and its model, as in RAISE_PROVIDER."""
Duration = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}(s|m|h|d)$", description="such as 30m, 24h or 7d")]
Percent = Annotated[str, Field(pattern=r"^(100|[1-9]?[0-9])%$", description="such as 10%")]


class Part(BaseModel):
    """Base of every part of a policy: frozen, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
