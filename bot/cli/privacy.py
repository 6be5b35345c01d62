"""``raise-bot privacy``: data requests that come by mail or phone, and the inventory of what is kept."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.assembly.privacy import Dossier, requests
from bot.assembly.privacy_page import MARK, page
from bot.clock import SystemClock
from bot.errors import InputError
from bot.identity import Person
from bot.policy.spans import moment
from bot.profile.erasure import Past
from bot.profile.inventory import INVENTORY
from bot.settings import Settings, load

Json = Mapping[str, object]
ACTIONS: Final = {
    "show": "say what is kept about a person, without the words of their conversations",
    "export": "print everything that is kept about a person, for them",
    "forget": "delete everything about a person, and print the receipt",
    "receipt": "print the receipts of a person's erasures",
}
PAGE: Final = Path("deploy/privacy.md")
_IN_MEMORY: Final = "profiles are in the memory of the running bot: the person sees theirs with /privacy"


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    for name, line in ACTIONS.items():
        action = actions.add_parser(name, help=line, description=line.capitalize() + ".")
        action.add_argument("--user", required=True, metavar="PERSON", help="as platform:workspace:user (web:w1:u1)")
        action.add_argument("--state", type=Path, metavar="DIR", help="the bot's folder (else RAISE_STATE)")
        action.add_argument("--json", action="store_true", help="one JSON object instead of text")
        if name == "forget":
            action.add_argument("--yes", action="store_true", help="do not ask first")
    inventory = actions.add_parser("inventory", help="print what is kept, where and how long, as Markdown")
    inventory.add_argument("--policies", type=Path, metavar="DIR", help="the policy folder (else RAISE_POLICIES)")
    inventory.add_argument("--write", action="store_true", help=f"renew {PAGE} instead")
    inventory.add_argument("--check", action="store_true", help=f"exit with 1 when {PAGE} is out of date")


def run(args: argparse.Namespace) -> int:
    if args.action == "inventory":
        return _inventory(load(policies=args.policies), write=args.write, check=args.check)
    settings, person = load(state=args.state), Person.parse(args.user)
    if args.action == "forget" and not args.yes and not _confirmed(person):
        return 1
    told = asyncio.run(_answer(settings, args.action, person))
    sys.stdout.write(json.dumps(told, ensure_ascii=False) if args.json else "\n".join(_lines(told)))
    sys.stdout.write("\n")
    return 0


async def _answer(settings: Settings, action: str, person: Person) -> Json:
    async with requests(settings, SystemClock()) as open_requests:
        match action:
            case "forget":
                return {"person": str(person), **_receipt(await open_requests.forget(person))}
            case "receipt":
                past, under_way = await open_requests.receipts(person)
                return {"person": str(person), "pending": under_way, "receipts": [_receipt(each) for each in past]}
            case _:
                dossier = await open_requests.dossier(person)
                return _shown(dossier) | (_exported(dossier) if action == "export" else {})


def _shown(dossier: Dossier) -> dict[str, object]:
    standing = dossier.standing
    return {
        "person": str(dossier.person),
        "paused": standing.paused,
        "consent": [
            {"attribute": each.attribute, "agreement": each.agreement.value, "at": moment(each.at)}
            for each in standing.consents.values()
        ],
        "known": [
            {
                "attribute": record.attribute,
                "value": record.value.said.reveal(),
                "source": record.source.value,
                "told_in": record.space.place.value,
                "observed_at": moment(record.observed_at),
                "expires_at": moment(record.expires_at),
            }
            for record in dossier.records
        ],
        "used_in_answers": {
            name: {"count": use.count, "last": moment(use.last)} for name, use in sorted(dossier.uses.items())
        },
        "kept": dict(dossier.rows),
        "note": _IN_MEMORY if dossier.in_memory else "",
    }


def _exported(dossier: Dossier) -> dict[str, object]:
    return {
        "conversations": [
            {
                "place": space.place.value,
                "lines": [{"by": line.role, "text": line.text.reveal()} for line in thread.lines],
            }
            for space, thread in dossier.conversation.threads.items()
        ]
    }


def _receipt(past: Past) -> Json:
    remains = {each.name: each.remains for each in INVENTORY if each.name in past.receipt.remains}
    return {
        "finished_at": moment(past.finished_at),
        "removed": dict(past.receipt.removed),
        "total": past.receipt.total,
        "remains": remains,
    }


def _lines(told: object, indent: str = "") -> list[str]:
    """JSON for the eye: a line per value, nested ones further in."""
    lines: list[str] = []
    if isinstance(told, Mapping):
        for key, value in told.items():
            if isinstance(value, Mapping | list) and value:
                lines += [f"{indent}{key}:", *_lines(value, f"{indent}  ")]
            else:
                lines.append(f"{indent}{key}: {_word(value)}")
    elif isinstance(told, list):
        for each in told:
            lines += [f"{indent}-", *_lines(each, f"{indent}  ")]
    else:
        lines.append(f"{indent}{_word(told)}")
    return lines


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in ("", [], {}, None) else "nothing"


def _confirmed(person: Person) -> bool:
    if not sys.stdin.isatty():
        raise InputError("expected --yes, because nobody is there to be asked: forgetting cannot be undone")
    answer = input(f"Delete everything about {person}? This cannot be undone. Type yes: ")
    return answer.strip().lower() == "yes"


def _inventory(settings: Settings, *, write: bool, check: bool) -> int:
    text = page(settings)
    if check:
        current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if current != text:
            print(f"{PAGE} is out of date: renew it with raise-bot privacy inventory --write", file=sys.stderr)
            return 1
    elif write:
        PAGE.write_text(text, encoding="utf-8")
        print(f"wrote {PAGE} ({MARK})")
    else:
        sys.stdout.write(text)
    return 0
