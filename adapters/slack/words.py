"""What the adapter says on its own, when no turn is there to say it: the policy's phrases, in the person's language."""

from __future__ import annotations

from functools import partial
from typing import Final, Protocol


class Lines(Protocol):
    """A phrase of the policy in force: ``lines("de-AT", "face.sent")``."""

    def __call__(self, locale: str, phrase_id: str, /, **values: object) -> str: ...


class Say(Protocol):
    """A phrase in a language already known: ``say("face.sent")``."""

    def __call__(self, phrase_id: str, /, **values: object) -> str: ...


def speaking(lines: Lines, locale: str) -> Say:
    return partial(lines, locale)


FILES_ONLY: Final = "face.files_only"
OLD_BUTTON: Final = "face.old_button"
NOT_YOURS: Final = "face.not_yours"
TRY_AGAIN: Final = "face.try_again"
SLOW_MODAL: Final = "face.slow_form"
PICK_ONE: Final = "face.pick_one"
IN_DIRECT: Final = "face.in_direct"
POINTER: Final = "face.private_question"
CRISIS_POINTER: Final = "face.crisis_also"
BROKEN_OFF: Final = "answer.broken_off"
THINKING: Final = "face.thinking"
SENT: Final = "face.sent"
CANNOT_SEND_FILE: Final = "face.file_as_text"
HOME_INTRO: Final = "face.home"
USED: Final = "answer.used"
ANSWER_PRIVATELY: Final = "face.answer_privately"
PICK: Final = "face.pick"
OWN_WORDS: Final = "face.own_words"
SEND: Final = "face.send"
NOT_NOW: Final = "face.not_now"
HELPFUL: Final = "face.helpful"
NOT_HELPFUL: Final = "face.not_helpful"
CALL: Final = "crisis.call"
TEXT: Final = "crisis.text"
PROMPTS_TITLE: Final = "face.start.title"
PROMPTS: Final = (
    ("face.start.known", "face.start.known"),
    ("face.start.how", "face.start.how_asked"),
    ("face.start.mind", "face.start.mind_asked"),
)
"""What people could begin with: the button's words, and what is then said. The manifest has the same in English."""
