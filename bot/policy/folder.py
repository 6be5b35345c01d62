"""Where the policy is: named on the command line, else RAISE_POLICIES, else in the package, else in the checkout."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.errors import PolicyError

VARIABLE: Final = "RAISE_POLICIES"
INDEX: Final = "index.yaml"
STAGED: Final = ".restoring"
"""In the folder while an earlier policy is moved back into it, file by file: what is there must not be served."""
_BOT: Final = Path(__file__).resolve().parent.parent


def find_folder(explicit: Path | str | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder that holds index.yaml. Raises PolicyError when the one that was named, or every one, has none."""
    named = explicit or environment.get(VARIABLE)
    if named:
        return _checked(Path(named), "--policies" if explicit else VARIABLE)
    for candidate in (_BOT / "_policies", _BOT.parent / "policies"):
        if (candidate / INDEX).is_file():
            return candidate
    raise PolicyError(f"no policy folder found; name one with --policies DIR or {VARIABLE}=DIR")


def _checked(folder: Path, named_by: str) -> Path:
    if not folder.is_dir():
        raise PolicyError(f"{named_by} names {str(folder)!r}, which is not a folder; expected one with {INDEX} in it")
    if not (folder / INDEX).is_file():
        raise PolicyError(f"{named_by} names {str(folder)!r}, which has no {INDEX}; expected the folder of a policy")
    return folder
