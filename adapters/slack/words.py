"""The few lines the adapter says on its own, when no turn is there to say them. Warm, short, plain."""

from __future__ import annotations

from typing import Final

FILES_ONLY: Final = "I can't open files. If you tell me in words what it is about, I'll read that."
OLD_BUTTON: Final = "That button is from an earlier version of me and no longer works. Just write to me instead."
NOT_YOURS: Final = "That question is for somebody else, so I left it as it is."
TRY_AGAIN: Final = "I can't take that in right now. Please try again in a minute."
SLOW_MODAL: Final = (
    "That took too long to open. Please press the button once more, or answer me in our direct messages."
)
PICK_ONE: Final = "Pick one, write a few words, or choose Skip."
IN_DIRECT: Final = "I've answered you in our direct messages, where only you can see it."
POINTER: Final = "I have a question for you that is better asked in private. Only you can see this."
CRISIS_POINTER: Final = (
    "I've also sent this to you as a direct message, so that you can find it again. Only you can see this."
)
BROKEN_OFF: Final = "_(I stopped here.)_"
THINKING: Final = "is thinking…"
SENT: Final = "Thank you, I have your answer."
CANNOT_SEND_FILE: Final = "I couldn't attach the file, so here is its content:"
HOME_INTRO: Final = (
    "I'm an AI. I sometimes ask about you before I answer, so that the answer fits. "
    "Below is what I know about you right now, and until when I keep it."
)
USED: Final = "Used for this answer: {labels}"
PROMPTS_TITLE: Final = "You could start with"
PROMPTS: Final[tuple[tuple[str, str], ...]] = (
    ("What do you know about me?", "What do you know about me?"),
    ("How do you work?", "How do you decide what to ask me, and what do you do with it?"),
    ("Something is on my mind", "Something is on my mind and I could use some advice."),
)
