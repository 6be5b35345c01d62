"""The desk in the browser: logging in, the queue, a case, figures; and the operators' pages (``operating``).

Owns its pages, sessions and the guard before them. Pages are whole without a script; scripts add live updates, keys and
sending without leaving the page. May import aiohttp, Jinja2, ``adapters.web.guard`` and ``limits``, and the core's
``bot.review``. Built by bot.assembly; everything it shows or does goes through :class:`bot.review.desk.Desk`
and, for operators, :class:`bot.review.operating.Console`.
"""

from adapters.web.desk.address import DeskAddress
from adapters.web.desk.server import DeskApp

__all__ = ["DeskAddress", "DeskApp"]
