"""What whoever installs the app sees: the way to Slack, what to do next, or what went wrong. Pure."""

from __future__ import annotations

from html import escape
from typing import Final

from slack_bolt.request.async_request import AsyncBoltRequest

from adapters.speaking import Lines

HTML: Final = "text/html; charset=utf-8"
GUARDS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
}
_STYLE: Final = """
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f4f6f5; color: #1f2a2c;
  font: 1.05rem/1.55 system-ui, sans-serif; }
main { max-width: 32rem; margin: 1.5rem; padding: 2rem 2.25rem; background: #fff; border-radius: .75rem; }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.3; }
p { margin: 0 0 1.25rem; }
a { display: inline-block; padding: .6rem 1.1rem; border-radius: .5rem; background: #2f5d62; color: #fff;
  text-decoration: none; }
a:focus-visible { outline: 3px solid #8fb8bd; outline-offset: 2px; }
small { color: #55656a; }
@media (prefers-color-scheme: dark) { body { background: #14191a; color: #e6eceb; } main { background: #1e2627; }
  small { color: #a3b2b3; } }
"""
_REASONS: Final = {
    "access_denied": "slack.install.declined",
    "invalid_browser": "slack.install.other_browser",
    "invalid_state": "slack.install.too_late",
    "slack_away": "slack.install.slack_away",
    "storage_error": "slack.install.not_kept",
}
"""What Slack or its SDK calls a failure -> the phrase that says what to do."""


def language(request: AsyncBoltRequest) -> str:
    """The first language the browser asks for."""
    wished = next(iter(request.headers.get("accept-language", [])), "")
    return wished.split(",")[0].split(";")[0].strip()[:20] or "und"


class Pages:
    """Whole pages, in the language of who looks at them."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def invitation(self, locale: str, url: str) -> str:
        """``url`` is Slack's page where the app is allowed."""
        return self._page(
            locale, "slack.install.title", self._lines(locale, "slack.install.intro"), url, "slack.install.add"
        )

    def installed(self, locale: str, place: str, team: str) -> str:
        """``place`` is the workspace's or the organisation's name; ``team`` opens Slack there, empty: anywhere."""
        done = self._lines(locale, "slack.install.done", place=place or "Slack")
        url = f"slack://app?team={team}" if team else "slack://open"
        return self._page(locale, "slack.install.done_title", done, url, "slack.install.open")

    def failed(self, locale: str, reason: str, again: str) -> str:
        """``reason`` is shown small, for whoever is asked for help."""
        told = self._lines(locale, _REASONS.get(reason, "slack.install.failed"))
        return self._page(locale, "slack.install.failed_title", told, again, "slack.install.again", reason[:60])

    def _page(self, locale: str, title: str, text: str, url: str, label: str, detail: str = "") -> str:
        heading = escape(self._lines(locale, title))
        small = f"<p><small>{escape(detail)}</small></p>" if detail else ""
        return (
            f'<!doctype html><html lang="{escape(locale)}"><meta charset="utf-8"><title>{heading}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style>'
            f"<main><h1>{heading}</h1><p>{escape(text)}</p>"
            f'<p><a href="{escape(url)}">{escape(self._lines(locale, label))}</a></p>{small}</main></html>'
        )
