"""Which addresses that came with a payload may be called: Slack's own, and nothing else."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_SLACK: Final = (".slack.com", ".slack-gov.com")


def is_slack(url: str, base: str) -> bool:
    """Whether ``url`` leads to Slack: by its name, over TLS, at the usual port; or to the same host and port as
    ``base``, the Web API's (a proxy, GovSlack, tests)."""
    try:
        parts, own = urlsplit(url), urlsplit(base)
        if parts.username is not None or parts.password is not None:
            return False
        if (parts.scheme, parts.hostname, parts.port) == (own.scheme, own.hostname, own.port):
            return True
        return parts.scheme == "https" and parts.port in (None, 443) and (parts.hostname or "").endswith(_SLACK)
    except ValueError:  # no address at all, or a port that is none
        return False
