"""The header by which a server says how long to wait (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, never negative; None when the server did not say or what it said cannot be read."""
    for header, factor in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        said = headers.get(header, "")
        try:
            return max(0.0, float(said) * factor)
        except ValueError:
            continue
    try:
        date = parsedate_to_datetime(headers.get("retry-after", ""))
    except (TypeError, ValueError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
