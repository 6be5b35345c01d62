"""What the adapter says on its own, when no turn is there to say it: ids of the policy's phrases."""

from __future__ import annotations

from typing import Final

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
DELETE: Final = "face.delete"
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
