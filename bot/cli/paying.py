"""What commands that pay models for long have in common: options, how they end, the bar, what they cost."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from bot.errors import InputError, SettingsError
from bot.llm.paid import Bill

_TERMINATED: Final = 128 + signal.SIGTERM
_BAR: Final = 18
"""So that cost and batches fit beside it in 80 columns."""


def model_options(parser: argparse.ArgumentParser, writes: str) -> None:
    """``--model`` and ``--judge``; ``writes`` says what the first one does."""
    add = parser.add_argument
    add("--model", metavar="NAME", help=f"{writes}, as RAISE_PROVIDER (its first, if left out)")
    add("--judge", metavar="NAME", help="judges, likewise (the same as --model)")


def paying_options(parser: argparse.ArgumentParser) -> None:
    """How many calls at once, how much money, where to."""
    add = parser.add_argument
    add("--concurrency", type=int, default=16, metavar="N", help="calls at once; fewer while a server asks for it (16)")
    add("--max-usd", type=float, metavar="USD", help="stop cleanly before this run has cost more")
    add("--dry-run", action="store_true", help="check the file and estimate the cost; call nobody")
    add("--state", type=Path, metavar="DIR", help="the bot's folder (else RAISE_STATE)")
    add("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    add("--json", action="store_true", help="the manifest on standard output")


def check(args: argparse.Namespace, least: Mapping[str, int]) -> None:
    """Raises InputError for options below their ``least`` and for a price of nothing."""
    for name, lowest in {**least, "concurrency": 1}.items():
        value = getattr(args, name)
        if value is not None and value < lowest:
            raise InputError(f"expected --{name.replace('_', '-')} from {lowest}, got {value}")
    if args.max_usd is not None and not args.max_usd > 0:
        raise InputError(f"expected --max-usd above 0, got {args.max_usd:g}")


def check_price(args: argparse.Namespace, most: float | None, names: tuple[str, ...]) -> None:
    """Raises SettingsError where ``--max-usd`` cannot be kept: ``most`` is None, no price of ``names`` is known."""
    if args.max_usd is not None and most is None:
        raise SettingsError((f"--max-usd: no price is known for {' or '.join(dict.fromkeys(filter(None, names)))}",))


def price_words(likely: float | None, most: float | None) -> str:
    return "of unknown price" if likely is None or most is None else f"about ${likely:.2f}, at most ${most:.2f}"


def ended(work: Coroutine[Any, Any, int]) -> int:
    """Run it; the exit code, also where SIGTERM ended it."""
    try:
        return asyncio.run(work)
    except asyncio.CancelledError:
        return _TERMINATED


def end_as_by_ctrl_c() -> None:
    """SIGTERM ends the job as Ctrl-C does: what is under way is waited for and recorded."""
    task = asyncio.current_task()
    if task is not None and sys.platform != "win32" and threading.current_thread() is threading.main_thread():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


class _Spent(ProgressColumn):
    """Cost so far, and the batches that are waited for: as they are whenever the bar is drawn."""

    def __init__(self, bill: Bill) -> None:
        super().__init__(Column(no_wrap=True))
        self._bill = bill

    def render(self, task: Task) -> Text:
        parts = [f"${self._bill.budget.spent.usd:.2f}", f"{self._bill.calls} calls"]
        if batches := self._bill.in_batches():
            parts.append(batches)
        return Text(", ".join(parts))


@contextmanager
def bar(what: str, total: int, bill: Bill) -> Iterator[Callable[[int], None]]:
    """Units done, cost so far, time left; on stderr, and only where somebody can see it. Give it how many are done."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(bar_width=_BAR), MofNCompleteColumn(), _Spent(bill), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=total)
        yield lambda done: shown.update(task, completed=done)


def spent_words(bill: Bill) -> str:
    spent = bill.budget.spent
    unpriced = f" and {spent.unpriced} calls of unknown price" if spent.unpriced else ""
    batches = f"; answered {told}, to be collected by the same command" if (told := bill.in_batches()) else ""
    return f"${spent.usd:.4f}{unpriced} for {bill.calls} calls{batches}"
