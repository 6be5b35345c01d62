"""A person moves something known to the place where they are, and takes it back from there.

What was told in a direct message is used in direct messages only, and what was told in a channel only there and in
direct messages, unless the person moves it (FIELD section 9). Moving puts a copy of the record in the other place: the
same value, until the same moment, marked so that it can be shown and taken back. It is done after the person confirmed
who could then see it, and only with a value that may be kept and used. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from bot.chat import Choice, Notice, Verb
from bot.conversation.buttons import button
from bot.conversation.effects import Remember
from bot.conversation.states import Thread
from bot.conversation.work import Work
from bot.frozen import replace
from bot.identity import DIRECT, Place, Space
from bot.llm import Role
from bot.policy.phrases import find
from bot.policy.schema import Policy
from bot.policy.spans import moment
from bot.private import Private
from bot.profile.attributes import Scope
from bot.profile.consent import may_share
from bot.profile.record import Record
from bot.profile.store import Changes
from bot.raise_core.agent.question import label

_CONFIRMED: Final = "share_yes"
_DECLINED: Final = "share_no"
_LONGEST_WISH: Final = 100
"""Characters of ``use my profession here``, in any language."""


def pressed(work: Work, name: str, argument: str) -> Work | None:
    """A button of this module (``do:share_yes.profession@1f00ba12``); None for any other. The place is named by the
    button, since a private notice may be shown, and pressed, somewhere else."""
    if name == _DECLINED:
        return work.notice("privacy.move.kept", private=True)
    if name not in (Verb.SHARE, Verb.UNSHARE, _CONFIRMED) or "@" not in argument:
        return None
    attribute, _, code = argument.partition("@")
    spaces = (work.space, *work.state.threads, *(record.space for record in work.records))
    space = next((each for each in spaces if _code(each) == code), None)
    if space is None or attribute not in work.rules.policy.defaults.attributes:
        return work.notice("notice.expired_choice", private=True)
    match name:
        case Verb.SHARE:
            return _confirm(work, attribute, space)
        case Verb.UNSHARE:
            return _take_back(work, attribute, space)
        case _:
            return _move(work, attribute, space)


def asked(work: Work, verb: Verb, attribute: str | None) -> Work:
    """The command, where it was typed."""
    space = work.arrived.inbound.space
    if work.arrived.records is None:
        return work.notice("privacy.unavailable", private=True)
    if attribute is None or space == DIRECT:
        return work.notice("privacy.move.usage", private=True)
    return _take_back(work, attribute, space) if verb is Verb.UNSHARE else _confirm(work, attribute, space)


def wished(policy: Policy, locale: str, text: str) -> tuple[Verb, str] | None:
    """``use my profession here`` as a verb and what stands for the attribute; None for anything else."""
    if len(text) > _LONGEST_WISH:
        return None
    said = text.strip().rstrip(".!").casefold()
    for verb in (Verb.SHARE, Verb.UNSHARE):
        before, _, after = (find(policy, locale, f"privacy.say.{verb}") or "").casefold().partition("{label}")
        if before and said.startswith(before) and said.endswith(after):
            return verb, said[len(before) : len(said) - len(after)].strip()
    return None


def offers(work: Work) -> Iterator[Choice]:
    """What could be moved to where the person is, and what could be taken back."""
    place = work.arrived.inbound.space
    for attribute in dict.fromkeys(record.attribute for record in work.records):
        if attribute not in work.rules.policy.defaults.attributes:
            continue
        shown = label(work.rules.policy, attribute, work.locale)
        if place != DIRECT and _known_elsewhere(work, attribute, place) is not None and _may(work, attribute):
            yield button(work, f"{Verb.SHARE}.{attribute}@{_code(place)}", "privacy.choice.share", label=shown)
        for space in dict.fromkeys(each.space for each in work.records if each.moved and each.attribute == attribute):
            phrase_id = "privacy.choice.unshare" if space == place else "privacy.choice.unshare_there"
            yield button(work, f"{Verb.UNSHARE}.{attribute}@{_code(space)}", phrase_id, label=shown)


def where(work: Work, record: Record) -> str:
    """Where a record may be used, in words."""
    if record.space.place is Place.DM:
        return work.phrase("privacy.where.private")
    here = "here" if record.space == work.arrived.inbound.space else "elsewhere"
    return work.phrase(f"privacy.where.{'moved' if record.moved else 'told'}_{here}")


def _confirm(work: Work, attribute: str, space: Space) -> Work:
    record = _movable(work, attribute, space)
    if not isinstance(record, Record):
        return record
    notice = Notice(
        Private(
            work.phrase(
                "privacy.move.confirm",
                label=label(work.rules.policy, attribute, work.locale),
                value=record.value.said.reveal(),
                until=moment(record.expires_at),
            )
        ),
        (
            button(work, f"{_CONFIRMED}.{attribute}@{_code(space)}", "privacy.choice.share_yes"),
            button(work, _DECLINED, "privacy.choice.share_no"),
        ),
        private=True,
    )
    return work.say(notice)


def _move(work: Work, attribute: str, space: Space) -> Work:
    record = _movable(work, attribute, space)
    thread = _thread(work, space)
    if not isinstance(record, Record):
        return record
    if thread is None:
        return work.notice("notice.expired_choice", private=True)
    # Its own conversation keeps it apart from what was told there; one of narrower scope belongs to that of the place.
    conversation = record.conversation if record.scope is Scope.USER else thread.session
    copy = replace(record, space=space, conversation=conversation, moved=True)
    work.records = (*work.records, copy)
    work = work.do(Remember(Changes(put=(copy,))))
    shown = label(work.rules.policy, attribute, work.locale)
    return work.notice("privacy.move.done", private=True, label=shown).decided(Verb.SHARE, attribute=attribute)


def _movable(work: Work, attribute: str, space: Space) -> Record | Work:
    """What would be copied, or the notice that says why nothing can be."""
    shown = label(work.rules.policy, attribute, work.locale)
    if not _may(work, attribute):
        return work.notice("privacy.move.not_allowed", private=True, label=shown)
    record = _known_elsewhere(work, attribute, space)
    if record is not None:
        return record
    here = any(each.attribute == attribute and each.space == space for each in work.records)
    return work.notice("privacy.move.already" if here else "privacy.move.nothing", private=True, label=shown)


def _may(work: Work, attribute: str) -> bool:
    return may_share(work.standing, attribute, work.rules.policy.defaults.attributes[attribute].sensitivity)


def _known_elsewhere(work: Work, attribute: str, space: Space) -> Record | None:
    """The newest value, if it is not known in that place already. What was told for one query, or in a conversation
    that is over, is not there to be moved; nor is a copy: it stays where the person put it."""
    sessions = {thread.session for thread in (*work.state.threads.values(), work.thread)}
    found = [
        record
        for record in work.records
        if record.attribute == attribute
        and not record.moved
        and (record.scope is Scope.USER or (record.scope is Scope.CONVERSATION and record.conversation in sessions))
    ]
    if not found:
        return None
    newest = found[-1]
    here = (each for each in work.records if each.attribute == attribute and each.space == space)
    return None if any(each.value == newest.value for each in here) else newest


def _take_back(work: Work, attribute: str, space: Space) -> Work:
    """The copies go, and with them the bot's own lines there, which may repeat what they said; those also where the
    copies went before, as when what they are copies of was corrected."""
    shown = label(work.rules.policy, attribute, work.locale)
    there = tuple(each for each in work.records if each.attribute == attribute and each.space == space)
    copies = tuple(each for each in there if each.moved)
    work.records = tuple(each for each in work.records if each not in copies)
    thread = _thread(work, space)
    if thread is not None:
        lines = tuple(line for line in thread.lines if line.role is Role.USER)
        used = tuple(each for each in thread.used if each != attribute)
        thread = replace(thread, lines=lines, used=used)
        if space == work.space:
            work = work.on(thread)
        else:
            work.state = work.state.with_thread(space, thread)
    if not copies:
        return work.notice("privacy.move.not_here", private=True, label=shown)
    # A record that has expired when it is put leaves its place, and no other.
    gone = tuple(replace(each, expires_at=work.arrived.now) for each in copies)
    phrase_id = "privacy.move.told_here" if len(there) > len(copies) else "privacy.move.taken_back"
    work = work.do(Remember(Changes(put=gone))).notice(phrase_id, private=True, label=shown)
    return work.decided(Verb.UNSHARE, attribute=attribute)


def _thread(work: Work, space: Space) -> Thread | None:
    return work.thread if space == work.space else work.state.threads.get(space)


def _code(space: Space) -> str:
    """Names a place in a button: eight characters, whatever a platform's ids look like."""
    return hashlib.blake2b(f"{space.place}/{space.id}".encode(), digest_size=4).hexdigest()
