"""What people ask of the bot itself: help, why, privacy, correct, forget, pause, a human. Needs no model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from bot.chat import Attachment, Choice, ChoiceKind, Chose, Command, Content, Notice, Verb
from bot.conversation.audit import Use
from bot.conversation.deciding import settle_query, worded
from bot.conversation.effects import Alert, Erase, Remember
from bot.conversation.taken_back import TakenBack, without
from bot.conversation.work import Work
from bot.policy.phrases import find
from bot.policy.schema import Policy
from bot.private import Private
from bot.profile.consent import Agreement, with_consent
from bot.profile.record import Record, Source
from bot.profile.store import Changes
from bot.raise_core.agent.question import label
from bot.risk.flags import Flag
from bot.severity import Severity

_ACTION: Final = "do:"
_CONFIRMED: Final = "forget_me_yes"
_KEEP: Final = "keep"


def is_action(choice: str) -> bool:
    """Whether a pressed choice is one of the bot's own buttons (``do:export``), not an answer to a question."""
    return choice.startswith(_ACTION)


def on_action(work: Work, choice: str) -> Work:
    """A button under a notice: the same as the command of that name."""
    name = choice.removeprefix(_ACTION)
    if name == _CONFIRMED:
        return work.do(Erase(work.arrived.inbound.space, work.locale)).decided("forget_me")
    if name == _KEEP:
        return work.notice("privacy.kept", private=True)
    command = command_of(choice)
    return work.notice("notice.expired_choice", private=True) if command is None else on_command(work, command)


def command_of(choice: str) -> Command | None:
    """The command a button under a notice stands for (``do:forget.age``); None for any other choice."""
    name, _, argument = choice.removeprefix(_ACTION).partition(".")
    known = is_action(choice) and name in set(Verb)
    return Command(Verb(name), Private(argument)) if known else None


def shows_uses(content: Content) -> bool:
    """Whether the reply says in which answers things were used, so that somebody has to look."""
    command = command_of(content.choice) if isinstance(content, Chose) else content
    return isinstance(command, Command) and command.verb in (Verb.PRIVACY, Verb.EXPORT)


def forgets_one(content: Content) -> bool:
    """Whether the person takes one attribute back, so that this turn sees to what was said about it."""
    command = command_of(content.choice) if isinstance(content, Chose) else content
    return isinstance(command, Command) and command.verb is Verb.FORGET


def on_command(work: Work, command: Command) -> Work:
    """Every verb has its answer; none needs the model."""
    argument = command.argument.reveal().strip()
    match command.verb:
        case Verb.HELP:
            return _card(work, "notice.help", (Verb.PRIVACY, Verb.PAUSE, Verb.HUMAN))
        case Verb.WHY:
            return _why(work)
        case Verb.PRIVACY:
            return _privacy(work)
        case Verb.EXPORT:
            return _export(work)
        case Verb.CORRECT:
            return _correct(work, argument)
        case Verb.FORGET:
            return _forget(work, argument)
        case Verb.FORGET_ME:
            return _confirm(work)
        case Verb.PAUSE | Verb.RESUME:
            return _pause(work, command.verb is Verb.PAUSE)
        case Verb.HUMAN:
            return _human(work)


def _why(work: Work) -> Work:
    """Why the open question is asked, or what the last answer was written with."""
    thread = work.thread
    if thread.question is not None:
        question = worded(work, thread.question)
        return work.say(Notice(Private(question.reason), question.choices, private=question.private))
    if not thread.because:
        return work.notice("notice.why_nothing", private=True)
    if not thread.used:
        return work.notice("notice.why_without", private=True)
    return work.notice("notice.why_used", private=True, attributes=_labels(work, thread.used))


def _labels(work: Work, attributes: Iterable[str]) -> str:
    return ", ".join(label(work.rules.policy, name, work.locale) for name in attributes)


def _privacy(work: Work) -> Work:
    if work.arrived.records is None:
        return work.notice("privacy.unavailable", private=True)
    if not work.records:
        text = work.phrase("privacy.empty")
    else:
        text = "\n".join((work.phrase("privacy.intro"), *(f"- {_line(work, record)}" for record in work.records)))
    if work.standing.paused:
        text = f"{text}\n\n{work.phrase('privacy.paused')}"
    forget = tuple(
        Choice(
            f"{_ACTION}{Verb.FORGET}.{name}",
            work.phrase("privacy.choice.forget_one", label=label(work.rules.policy, name, work.locale)),
            ChoiceKind.ACTION,
        )
        for name in dict.fromkeys(record.attribute for record in work.records)
        if name in work.rules.policy.defaults.attributes
    )
    pause = Verb.RESUME if work.standing.paused else Verb.PAUSE
    actions = _actions(work, (Verb.EXPORT, pause, Verb.FORGET_ME))
    notice = Notice(Private(text), (*forget, *actions), private=True, title=work.phrase("privacy.title"))
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
    return f"{line}; {used}"


def _used(use: Use) -> dict[str, object]:
    return {"count": use.count, "last": moment(use.last)}


def moment(at: float) -> str:
    """A moment as people read it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _export(work: Work) -> Work:
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
                "told_in": record.space.place,
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


def _correct(work: Work, argument: str) -> Work:
    """``correct age 35``: the attribute by id or label, then its new value."""
    for name in work.rules.policy.defaults.attributes:
        rest = _after_name(work.rules.policy, work.locale, name, argument)
        value = work.rules.reader.value(name, rest) if rest else None
        if value is not None:
            work = work.learn({name: value}, Source.CORRECTION, agreed=True)
            shown = label(work.rules.policy, name, work.locale)
            return work.notice("privacy.corrected", private=True, label=shown, value=value.said.reveal())
    return work.notice("privacy.correct_usage", private=True)


def _forget(work: Work, argument: str) -> Work:
    name = attribute_named(work.rules.policy, work.locale, argument)
    if name is None:
        return work.notice("privacy.forget_usage", private=True)
    shown = label(work.rules.policy, name, work.locale)
    asked = work.thread.question is not None and work.thread.question.attribute == name
    work = work.agree(with_consent(work.standing, name, Agreement.WITHDRAWN, work.arrived.now))
    held = work.state.with_thread(work.space, work.thread)
    work.state = without(held, TakenBack(frozenset({name}), work.records, work.rules.reader))
    work = work.on(work.state.threads[work.space])
    if work.state == held and all(record.attribute != name for record in work.records):
        return work.notice("privacy.nothing_to_forget", private=True, label=shown)
    work.records = tuple(record for record in work.records if record.attribute != name)
    work = work.do(Remember(Changes(remove=(name,))))
    work = work.notice("privacy.forgot_one", private=True, label=shown).decided("forget", attribute=name)
    return settle_query(work) if asked else work


def attribute_named(policy: Policy, locale: str, argument: str) -> str | None:
    """The attribute whose id, spelled-out id or label ``argument`` is."""
    attributes = policy.defaults.attributes
    return next((name for name in attributes if _after_name(policy, locale, name, argument) == ""), None)


def _after_name(policy: Policy, locale: str, name: str, argument: str) -> str | None:
    """What follows the attribute's id, spelled-out id or label; None when the argument names something else."""
    lowered = argument.lower()
    for spelling in (name, name.replace("_", " "), label(policy, name, locale).lower()):
        if lowered == spelling or lowered.startswith(f"{spelling} "):
            return argument[len(spelling) :].strip(" :=")
    return None


def _confirm(work: Work) -> Work:
    choices = (
        Choice(f"{_ACTION}{_CONFIRMED}", work.phrase("privacy.choice.forget_me_yes"), ChoiceKind.ACTION),
        Choice(f"{_ACTION}{_KEEP}", work.phrase("privacy.choice.keep"), ChoiceKind.ACTION),
    )
    return work.say(Notice(Private(work.phrase("privacy.confirm_forget_me")), choices, private=True))


def _pause(work: Work, pause: bool) -> Work:
    work = work.agree(replace(work.standing, paused=pause))
    if pause and work.thread.question is not None:
        work = work.on(replace(work.thread, question=None))
    return work.notice("notice.paused" if pause else "notice.resumed", private=True)


def _human(work: Work) -> Work:
    inbound = work.arrived.inbound
    flag = Flag(
        id=f"{inbound.turn_id}:human",
        conversation=inbound.conversation,
        severity=Severity.CONCERN,
        category=None,
        rule="person",
        subject=None,
        policy_id=work.rules.policy.id,
        turn=inbound.turn_id,
        at=work.arrived.now,
        locale=inbound.locale,
    )
    return work.do(Alert(flag)).notice("notice.human", private=True)


def _card(work: Work, phrase_id: str, verbs: tuple[Verb, ...]) -> Work:
    return work.say(Notice(Private(work.phrase(phrase_id)), _actions(work, verbs), private=True))


def _actions(work: Work, verbs: Iterable[Verb]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            f"{_ACTION}{verb}",
            find(work.rules.policy, work.locale, f"privacy.choice.{verb}") or verb,
            ChoiceKind.ACTION,
        )
        for verb in verbs
    )
