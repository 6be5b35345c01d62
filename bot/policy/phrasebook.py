"""Every phrase the code says, by id, with the placeholders it fills in. English must have them all.

Besides these, a locale may translate what ``defaults.yaml`` and the domains say in English: ``attributes.<id>.label``,
``.question``, ``.reason`` and ``attributes.<id>.choices.<choice>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.policy.schema import Defaults
from bot.profile.attributes import BUCKETS
from bot.severity import Category

_FIXED: Final[dict[str, str]] = {
    # a phrase id -> the placeholders the code fills in; each must be there, save those marked "?"
    "crisis.repeat": "resource",
    "crisis.place": "",
    "crisis.emergency": "emergency",
    "crisis.emergency_services": "",
    "crisis.resource.call_and_text": "name call text",
    "crisis.resource.call": "name call",
    "crisis.resource.text": "name text",
    "crisis.resource.web": "name web",
    "crisis.call": "number",
    "crisis.text": "number",
    "question.skip": "",
    "question.why": "",
    "question.stop": "",
    "question.private": "",
    "question.consent": "keep",
    "question.stopped": "",
    "question.skipped": "",
    "answer.used": "attributes",
    "answer.used_nothing": "",
    "answer.offline": "",
    "answer.private_notice": "",
    "answer.broken_off": "",
    "answer.profile_down": "",
    "notice.help": "",
    "notice.about": "",
    "notice.empty": "",
    "notice.too_long": "limit",
    "notice.unreadable": "",
    "notice.failed": "",
    "notice.busy": "",
    "notice.expired_choice": "",
    "notice.paused": "",
    "notice.resumed": "",
    "notice.stopped": "",
    "notice.human": "",
    "notice.held": "",
    "notice.handed_back": "",
    "notice.from_team": "",
    "notice.why_nothing": "",
    "notice.why_without": "",
    "notice.why_used": "attributes",
    "privacy.title": "",
    "privacy.empty": "",
    "privacy.intro": "",
    "privacy.line": "label value source? when? until",
    "privacy.used": "count last",
    "privacy.unused": "",
    "privacy.store.pages": "",
    "privacy.store.profile": "",
    "privacy.store.conversation": "",
    "privacy.store.audit": "",
    "privacy.store.review": "",
    "privacy.remains.review": "",
    "privacy.store.consent": "",
    "privacy.store.threads": "",
    "privacy.store.keys": "",
    "privacy.store.turns": "",
    "privacy.store.door": "",
    "privacy.store.envelopes": "",
    "privacy.store.contacts": "",
    "privacy.store.receipt": "",
    "privacy.remains.receipt": "",
    "privacy.source.choice": "",
    "privacy.source.text": "",
    "privacy.source.model": "",
    "privacy.source.correction": "",
    "privacy.paused": "",
    "privacy.unavailable": "",
    "privacy.corrected": "label value",
    "privacy.correct_usage": "",
    "privacy.forgot_one": "label",
    "privacy.nothing_to_forget": "label?",
    "privacy.forget_usage": "",
    "privacy.confirm_forget_me": "",
    "privacy.kept": "",
    "privacy.forgot_me": "count",
    "privacy.forgot_me_line": "count what",
    "privacy.forgot_me_remains": "what why",
    "privacy.forgot_me_pending": "",
    "privacy.exported": "",
    "privacy.export_ready": "",
    "privacy.choice.help": "",
    "privacy.choice.privacy": "",
    "privacy.choice.export": "",
    "privacy.choice.correct": "",
    "privacy.choice.forget": "",
    "privacy.choice.forget_one": "label",
    "privacy.choice.forget_me": "",
    "privacy.choice.forget_me_yes": "",
    "privacy.choice.keep": "",
    "privacy.choice.pause": "",
    "privacy.choice.resume": "",
    "privacy.choice.human": "",
    "privacy.choice.why": "",
    "face.files_only": "",
    "face.old_button": "",
    "face.not_yours": "",
    "face.try_again": "",
    "face.slow_form": "",
    "face.pick_one": "",
    "face.in_direct": "",
    "face.private_question": "",
    "face.crisis_also": "",
    "face.thinking": "",
    "face.sent": "",
    "face.file_as_text": "",
    "face.home": "",
    "face.answer_privately": "",
    "face.pick": "",
    "face.own_words": "",
    "face.send": "",
    "face.not_now": "",
    "face.helpful": "",
    "face.not_helpful": "",
    "face.old_command": "",
    "face.pointer": "user",
    "face.gone": "",
    "face.cannot_read": "",
    "face.ask_title": "",
    "face.ask_label": "",
    "face.ask_about": "",
    "face.asked_about": "",
    "face.read_privately": "",
    "face.in_my_words": "",
    "face.choose": "",
    "face.by_an_ai": "",
    "face.start.title": "",
    "face.start.known": "",
    "face.start.how": "",
    "face.start.how_asked": "",
    "face.start.mind": "",
    "face.start.mind_asked": "",
    "slack.install.title": "",
    "slack.install.intro": "",
    "slack.install.add": "",
    "slack.install.done_title": "",
    "slack.install.done": "place",
    "slack.install.open": "",
    "slack.install.failed_title": "",
    "slack.install.failed": "",
    "slack.install.declined": "",
    "slack.install.other_browser": "",
    "slack.install.too_late": "",
    "slack.install.slack_away": "",
    "slack.install.not_kept": "",
    "slack.install.again": "",
    "reply.skip": "",
    "reply.why": "",
    "reply.stop": "",
    "reply.correction": "",
    "span.minutes": "count",
    "span.hours": "count",
    "span.days": "count",
}


def _placeholders(text: str) -> Mapping[str, bool]:
    """Name -> whether a phrase may do without it."""
    return {name.rstrip("?"): name.endswith("?") for name in text.split()}


PHRASES: Final[Mapping[str, Mapping[str, bool]]] = {
    **{phrase_id: _placeholders(text) for phrase_id, text in _FIXED.items()},
    **{f"crisis.{category}{whom}": _placeholders("resource") for category in Category for whom in ("", ".other")},
}
"""Phrase id -> placeholder -> whether it is optional."""

ALTERNATIVES: Final = "reply."
"""Phrases below this list what people may say, separated by ``|``."""


def translations(defaults: Defaults | None) -> frozenset[str]:
    """The ids under which a locale may translate the attributes' own wording: those of the catalogue, whether or not
    the defaults spell them right, and the operator's own."""
    choices = {name: set(buckets) for name, buckets in BUCKETS.items()}
    for name, attribute in defaults.attributes.items() if defaults is not None else ():
        choices.setdefault(name, set()).update(choice.id for choice in attribute.choices)
    ids = {f"attributes.{name}.{part}" for name in choices for part in ("label", "question", "reason")}
    return frozenset(ids | {f"attributes.{name}.choices.{value}" for name in choices for value in choices[name]})
