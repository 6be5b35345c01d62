"""What people ask of the bot itself: help, why, privacy, correct, forget, pause, a human. Needs no model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.chat import Choice, ChoiceKind, Chose, Command, Content, Notice, Verb
from bot.clock import Seconds
from bot.conversation import known, moving
from bot.conversation.buttons import ACTION, actions
from bot.conversation.deciding import settle_query, worded
from bot.conversation.effects import Alert, Erase, Remember
from bot.conversation.requests import requested
from bot.conversation.taken_back import TakenBack, without
from bot.conversation.work import Work
from bot.frozen import replace
from bot.policy.schema import Policy
from bot.private import Private
from bot.profile.consent import Agreement, Standing, with_consent
from bot.profile.record import Source
from bot.profile.store import Changes
from bot.raise_core.agent.question import label
from bot.risk.flags import Flag
from bot.severity import Severity

_CONFIRMED: Final = "forget_me_yes"
_KEEP: Final = "keep"


def is_action(choice: str) -> bool:
    """Whether a pressed choice is one of the bot's own buttons (``do:export``), not an answer to a question."""
    return choice.startswith(ACTION)


def on_action(work: Work, choice: str) -> Work:
    """A button under a notice: the same as the command of that name."""
    name = choice.removeprefix(ACTION)
    if name == _CONFIRMED:
        return work.do(Erase(work.arrived.inbound.space, work.locale)).decided("forget_me")
    if name == _KEEP:
        return work.notice("privacy.kept", private=True)
    verb, _, argument = name.partition(".")
    moved = moving.pressed(work, verb, argument)
    if moved is not None:
        return moved
    command = command_of(choice)
    return work.notice("notice.expired_choice", private=True) if command is None else on_command(work, command)


def on_wish(work: Work, text: str) -> Work | None:
    """``forget me``, or ``use my profession here`` said in a channel: the same as the command; None for anything
    else."""
    verb = requested(work.rules.requests, text)
    if verb is not None:
        return on_command(work, Command(verb))
    wished = None if work.arrived.inbound.space.private else moving.wished(work.rules.policy, work.locale, text)
    if wished is None or attribute_named(work.rules.policy, work.locale, wished[1]) is None:
        return None
    return on_command(work, Command(wished[0], Private(wished[1])))


def command_of(choice: str) -> Command | None:
    """The command a button under a notice stands for (``do:forget.age``); None for any other choice."""
    name, _, argument = choice.removeprefix(ACTION).partition(".")
    ours = is_action(choice) and name in set(Verb)
    return Command(Verb(name), Private(argument)) if ours else None


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
            return known.show(work)
        case Verb.EXPORT:
            return known.export(work)
        case Verb.CORRECT:
            return _correct(work, argument)
        case Verb.FORGET:
            return _forget(work, argument)
        case Verb.FORGET_ME:
            return _confirm(work)
        case Verb.SHARE | Verb.UNSHARE:
            return moving.asked(work, command.verb, attribute_named(work.rules.policy, work.locale, argument))
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
    names = attributes_named(work.rules.policy, work.locale, argument)
    if not names:
        return work.notice("privacy.forget_usage", private=True)
    shown = _labels(work, names)
    asked = work.thread.question is not None and work.thread.question.attribute in names
    work = work.agree(withdrawn(work.standing, names, work.arrived.now))
    held = work.state.with_thread(work.space, work.thread)
    work.state = without(held, TakenBack(frozenset(names), work.records, work.rules.reader))
    work = work.on(work.state.threads[work.space])
    unseen = work.arrived.records is None  # then what there is goes as soon as the store can be reached
    if not unseen and work.state == held and all(record.attribute not in names for record in work.records):
        return work.notice("privacy.nothing_to_forget", private=True, label=shown)
    work.records = tuple(record for record in work.records if record.attribute not in names)
    told = "privacy.forget_one_soon" if unseen else "privacy.forgot_one"
    work = work.do(Remember(Changes(remove=names))).notice(told, private=True, label=shown)
    for name in names:
        work = work.decided("forget", attribute=name)
    return settle_query(work) if asked else work


def withdrawn(standing: Standing, names: Iterable[str], now: Seconds) -> Standing:
    """Where somebody stands who takes these attributes back."""
    for name in names:
        standing = with_consent(standing, name, Agreement.WITHDRAWN, now)
    return standing


def attributes_named(policy: Policy, locale: str, argument: str) -> tuple[str, ...]:
    """The attributes ``argument`` names: one, or several with commas between. What names none is left out."""
    named = (attribute_named(policy, locale, each.strip()) for each in (argument, *argument.split(",")))
    return tuple(dict.fromkeys(name for name in named if name is not None))


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
        Choice(f"{ACTION}{_CONFIRMED}", work.phrase("privacy.choice.forget_me_yes"), ChoiceKind.ACTION),
        Choice(f"{ACTION}{_KEEP}", work.phrase("privacy.choice.keep"), ChoiceKind.ACTION),
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
    return work.say(Notice(Private(work.phrase(phrase_id)), actions(work, verbs), private=True))
