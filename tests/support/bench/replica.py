"""``raise-bot run`` that works on fewer turns at once: ``python -m tests.support.bench.replica TURNS``."""

from __future__ import annotations

import sys

from adapters.engine.dbos import DbosEngine
from bot.cli.main import main

if __name__ == "__main__":
    defaults = DbosEngine.__init__.__kwdefaults__
    assert defaults is not None
    defaults["concurrency"] = int(sys.argv[1])
    sys.exit(main(["run"]))
