"""Drawing pages: the templates, what every page knows, and errors as pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.web.desk import words
from adapters.web.desk.guard import VISITOR, is_scripted, status_of
from adapters.web.guard import problem
from bot.clock import Clock
from bot.errors import InputError, ReviewError, StoreUnavailable
from bot.review.moderators import Role

_TEMPLATES: Final = Path(__file__).parent.parent / "templates"
_CODES: Final = {
    400: "bad_request",
    403: "not_allowed",
    404: "unknown",
    409: "overtaken",
    410: "gone",
    503: "unavailable",
}
_TITLES: Final = {
    400: "That could not be read",
    403: "This is not for your account",
    404: "There is no such page",
    409: "This case has moved on",
    410: "This case is gone",
    503: "The desk cannot reach its store",
}


class Pages:
    """Renders templates. Everything in them is escaped; there is no way to mark text as safe but in a template."""

    def __init__(self, clock: Clock, *, operated: bool = False) -> None:
        """``operated``: there are pages for operators."""
        self._clock = clock
        self._operated = operated
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["words"] = words

    def draw(
        self, request: web.Request, template: str, values: Mapping[str, object], status: int = 200
    ) -> web.Response:
        """A page for whoever is logged in. What the session had to say is said on it, once."""
        visitor = request.get(VISITOR)
        said, failed = "", False
        if visitor is not None and not is_scripted(request):
            said, failed = visitor.session.said, visitor.session.failed
            visitor.session.said, visitor.session.failed = "", False
        text = self._environment.get_template(f"desk/{template}").render(
            me=visitor.who if visitor else None,
            csrf=visitor.session.csrf if visitor else "",
            operates=self._operated and visitor is not None and visitor.who.role is Role.OPERATOR,
            works_on_cases=visitor is not None and visitor.who.role is not Role.OPERATOR,
            said=said,
            failed=failed,
            now=self._clock.now(),
            path=request.path,
            **values,
        )
        return web.Response(text=text, content_type="text/html", status=status)

    def trouble(self, request: web.Request, status: int, message: str) -> web.Response:
        """An error, as a page or, for a page's own script, as JSON."""
        if is_scripted(request) or request.path == "/desk/events":
            return problem(status, _CODES.get(status, "failed"), message)
        title = _TITLES.get(status, "That did not work")
        return self.draw(request, "trouble.html", {"title": title, "message": message}, status)


def explaining(pages: Pages) -> Middleware:
    """Errors of the desk in words, on a page of their own where a page was asked for."""

    @web.middleware
    async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except StoreUnavailable as error:
            return pages.trouble(request, status_of(error), "It cannot be reached just now. Nothing was changed.")
        except (ReviewError, InputError) as error:
            return pages.trouble(request, status_of(error), _sentence(error))
        except web.HTTPRequestEntityTooLarge:
            return pages.trouble(request, 413, "That is too long for one form. Shorten it, please.")
        except web.HTTPNotFound:
            return pages.trouble(request, 404, "The address is wrong, or the page has moved.")

    return explain


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
