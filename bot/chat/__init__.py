"""The port to people: what comes in, what goes out, and what a platform must be able to do.

Owns Inbound, Outbound and the Platform and Intake protocols. May import errors, clock, identity and private.
Called by every adapter that talks to people, and by the conversation room.
"""

from bot.chat.inbound import (
    Chose,
    Command,
    Content,
    Inbound,
    Intake,
    Moderated,
    Receipt,
    Said,
    Stopped,
    Told,
    Verb,
)
from bot.chat.outbound import (
    Answer,
    AnswerStream,
    Attachment,
    Body,
    Choice,
    ChoiceKind,
    Crisis,
    Delivered,
    Delivery,
    Notice,
    Outbound,
    Platform,
    Question,
    Resource,
    Undelivered,
)

__all__ = [
    "Answer",
    "AnswerStream",
    "Attachment",
    "Body",
    "Choice",
    "ChoiceKind",
    "Chose",
    "Command",
    "Content",
    "Crisis",
    "Delivered",
    "Delivery",
    "Inbound",
    "Intake",
    "Moderated",
    "Notice",
    "Outbound",
    "Platform",
    "Question",
    "Receipt",
    "Resource",
    "Said",
    "Stopped",
    "Told",
    "Undelivered",
    "Verb",
]
