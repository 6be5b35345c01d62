"""What ``/privacy`` shows and the export contains: everything known, from where, until when, where it may be used."""

from __future__ import annotations

import json

from bot.chat import Attachment, Notice, Verb
from bot.conversation import moving
from bot.conversation.audit import Use
from bot.conversation.buttons import actions, button
from bot.conversation.work import Work
from bot.policy.spans import moment
from bot.private import Private
from bot.profile.record import Record
from bot.raise_core.agent.question import label


def show(work: Work) -> Work:
    """Every value with its source, its end, its uses and where it may be used."""
    if work.arrived.records is None:
        return work.notice("privacy.unavailable", private=True)
    if not work.records:
        text = work.phrase("privacy.empty")
    else:
        text = "\n".join((work.phrase("privacy.intro"), *(f"- {_line(work, record)}" for record in work.records)))
    if work.standing.paused:
        text = f"{text}\n\n{work.phrase('privacy.paused')}"
    policy, locale = work.rules.policy, work.locale
    forget = tuple(
        button(work, f"{Verb.FORGET}.{name}", "privacy.choice.forget_one", label=label(policy, name, locale))
        for name in dict.fromkeys(record.attribute for record in work.records)
        if name in policy.defaults.attributes
    )
    pause = Verb.RESUME if work.standing.paused else Verb.PAUSE
    choices = (*moving.offers(work), *forget, *actions(work, (Verb.EXPORT, pause, Verb.FORGET_ME)))
    notice = Notice(Private(text), choices, private=True, title=work.phrase("privacy.title"))
    return work.say(notice)


def _line(work: Work, record: Record) -> str:
    known = record.attribute in work.rules.policy.defaults.attributes
    name = label(work.rules.policy, record.attribute, work.locale) if known else record.attribute
    line = work.phrase(
        "privacy.line",
        label=name,
        value=record.value.said.reveal(),
        source=work.phrase(f"privacy.source.{record.source}"),
        until=moment(record.expires_at),
    )
    use = work.arrived.uses.get(record.attribute)
    used = work.phrase("privacy.unused" if use is None else "privacy.used", **({} if use is None else _used(use)))
    return f"{line}; {moving.where(work, record)}; {used}"


def _used(use: Use) -> dict[str, object]:
    return {"count": use.count, "last": moment(use.last)}


def export(work: Work) -> Work:
    """The same and more as a file, in private."""
    if work.arrived.records is None:
        return work.notice("privacy.unavailable", private=True)
    body = {
        "person": str(work.arrived.inbound.person),
        "exported_at": moment(work.arrived.now),
        "paused": work.standing.paused,
        "known": [
            {
                "attribute": record.attribute,
                "value": record.value.said.reveal(),
                "bucket": record.value.bucket,
                "source": record.source,
                "scope": record.scope,
                "told_in": None if record.moved else record.space.place,
                "moved_to": record.space.place if record.moved else None,
                "observed_at": moment(record.observed_at),
                "expires_at": moment(record.expires_at),
                "used_in": None if (use := work.arrived.uses.get(record.attribute)) is None else _used(use),
            }
            for record in work.records
        ],
        "consent": [
            {"attribute": each.attribute, "agreement": each.agreement, "at": moment(each.at)}
            for each in work.standing.consents.values()
        ],
        "conversations": [
            {"place": space.place, "lines": [{"by": line.role, "text": line.text.reveal()} for line in thread.lines]}
            for space, thread in work.state.threads.items()
        ],
    }
    content = json.dumps(body, ensure_ascii=False, indent=2).encode()
    file = Attachment("raise-bot-export.json", "application/json", Private(content))
    return work.say(Notice(Private(work.phrase("privacy.exported")), attachment=file, private=True))
