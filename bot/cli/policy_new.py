"""``raise-bot policy new domain NAME``: a domain to start from, listed and with a test beside it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from bot.errors import InputError

_ENOUGH: Final = 3


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("domain",), help="what to make")
    parser.add_argument("name", help="small letters, digits and _, such as housing")
    parser.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    parser.add_argument(
        "--exemplar",
        action="append",
        default=[],
        metavar="TEXT",
        help="a message that belongs there; three or more help",
    )


def run(args: argparse.Namespace) -> int:
    from bot.policy.folder import find_folder
    from bot.policy.loader import load
    from bot.policy.reading import decode, read

    folder, name = find_folder(args.policies), args.name
    policy = load(folder)
    _allowed(name, policy.domains, folder)
    exemplars = tuple(args.exemplar) + _placeholders(name)[: max(0, _ENOUGH - len(args.exemplar))]
    content = read(folder, "index.yaml", ("index.yaml", 1, 1))
    text = decode(content, "index.yaml") if isinstance(content, bytes) else content
    if not isinstance(text, str):
        raise InputError(str(text))
    from bot.policy.templates import new_domain, new_tests
    from bot.policy.writing import listed, replace_file
    from bot.raise_core.state import PUBLISHED_GAINS

    domain, tests = f"domains/{name}.yaml", f"tests/{name}.yaml"
    index = listed(listed(text, "domains", domain), "tests", tests)
    for below in (domain, tests):
        (folder / below).parent.mkdir(exist_ok=True)
    replace_file(folder / domain, new_domain(name, exemplars, policy, PUBLISHED_GAINS))
    replace_file(folder / tests, new_tests(name, exemplars[0]))
    replace_file(folder / "index.yaml", index)
    print(f"made {folder / domain} and {folder / tests}, and listed both in index.yaml")
    print("next: write what belongs there, then raise-bot policy check and raise-bot policy test")
    return 0


def _allowed(name: str, domains: object, folder: Path) -> None:
    import re

    if re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) is None:
        raise InputError(f"expected a name of small letters, digits and _, beginning with a letter, got {name[:80]!r}")
    taken = isinstance(domains, dict) and name in domains
    if taken or name == "none" or (folder / "domains" / f"{name}.yaml").exists():
        raise InputError(f"there is a domain {name!r} already; choose another name")


def _placeholders(name: str) -> tuple[str, ...]:
    title = name.replace("_", " ")
    return (
        f"I worry about {title} and I don't know whom to ask",
        f"everything with {title} has become too much for me",
        f"what should I do about my trouble with {title}?",
    )
