"""The pictures of the README: ``make pictures`` plays a conversation with the real application and photographs it; the
desk is shown on a morning made up for it."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from bot.assembly.playground import playground
from bot.settings import Settings
from bot.telemetry.logs import silent
from tests.support.browser import find_chromium, launched
from tests.support.desk_pictures import desk_pictures
from tests.support.screenshots import take

OUT: Final = Path(__file__).resolve().parents[2] / "deploy" / "pictures"
CHOSEN: Final = {
    "question-light": "playground",
    "crisis-light": "crisis",
    "chat-narrow": "narrow",
    "desk-queue": "desk-queue",
    "desk-case": "desk-case",
}
"""Screenshot -> its name among the pictures."""


async def main() -> None:
    """Renew every picture. Needs Chromium on the PATH."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("pictures need Chromium on the PATH, and there is none: install it from the system's packages")
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with playground(Settings(http_port=0), silent()) as url, launched(chromium) as browser:
            await take(browser, url, Path(folder))
            await desk_pictures(browser, Path(folder))
        for name, chosen in CHOSEN.items():
            shutil.copy(Path(folder) / f"{name}.png", OUT / f"{chosen}.png")
            print(OUT / f"{chosen}.png")


if __name__ == "__main__":
    asyncio.run(main())
