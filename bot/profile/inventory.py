"""Everything that is kept about people, declared once: what, where, until when, and how it is erased, in that order.

``Forget me``, the receipt, ``deploy/privacy.md`` and the tests all follow this list. A table of the database that is in
neither of the two lists here fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """``name`` is the store's name in receipts; ``what`` and ``where`` are for people who run or audit a deployment;
    ``until`` says when it goes by itself; ``tables`` are those whose rows are deleted or emptied; ``remains`` says what
    stays after an erasure, if anything does, and why."""

    name: str
    what: str
    where: str
    until: str
    tables: tuple[str, ...] = ()
    remains: str = ""


INVENTORY: Final = (
    Kept(
        "turns",
        "turns queued or running: ids and the outcome of each step; the conversation as a hash",
        "the durable engine's tables (SQLite file turns.db, or PostgreSQL)",
        "a minute after the turn has ended",
        (
            "workflow_status",
            "workflow_input",
            "workflow_output",
            "operation_outputs",
            "workflow_events",
            "workflow_events_history",
            "notifications",
            "streams",
        ),
    ),
    Kept(
        "pages", "messages on an open web page", "memory of the web process", "the page is closed, or the process ends"
    ),
    Kept(
        "envelopes",
        "private answers that wait for a button to be pressed",
        "SQL, sealed with the person's key (memory of the Discord process where nothing outlives it)",
        "an hour has passed, or a day where it is about danger",
        ("envelopes",),
    ),
    Kept(
        "contacts",
        "how Discord reaches the person: the language set there, up to which message their direct messages were read",
        "SQL",
        "90 days after the language was last shown; 30 days after the last message",
        ("person_locales", "bookmarks"),
    ),
    Kept(
        "threads",
        "in which threads of channels the person talks with the bot: ids only",
        "SQL",
        "30 days after the last message there",
        ("joined_threads",),
    ),
    Kept(
        "door",
        "how much danger lately showed in messages, and when help was last shown: numbers and moments, no text",
        "memory of the process",
        "the process ends, or 50,000 others have written since",
    ),
    Kept(
        "counts",
        "how many messages the person sent within the minute, and whether they were told that it was too many: numbers "
        "under a hash",
        "memory of the process; Redis too, where the deployment has one",
        "two minutes have passed",
    ),
    Kept(
        "profile",
        "values told about oneself, with their source and expiry",
        "memory, or Redis without persistence (then sealed with the person's key)",
        "the value's own expiry, set by the policy between the deployment's floor and ceiling; never extended by reads",
    ),
    Kept(
        "conversation",
        "the last lines of each conversation, the open question, messages not yet answered",
        "SQL, sealed with the person's key",
        "the conversation has been idle for as long as the policy says",
        ("turns", "states"),
    ),
    Kept(
        "review",
        "cases moderators look at: which conversation, their notes, messages to the person",
        "SQL, texts sealed with the person's key",
        "a closed case loses its person after the time the policy says",
        ("review_cases", "review_notes", "review_errands", "review_flags"),
        remains="the decision itself, without person, place or text, so that moderators' work stays accountable",
    ),
    Kept(
        "audit",
        "why the bot asked or answered: features of the decision, no text",
        "SQL",
        "180 days",
        ("decisions",),
    ),
    Kept(
        "consent",
        "what the person agreed to, declined or withdrew, and whether learning is paused",
        "SQL",
        "erased with the person",
        ("standings",),
    ),
    Kept(
        "keys",
        "the key that everything sealed for this person was sealed with",
        "SQL, wrapped by the deployment's key",
        "erased with the person: no backup can be read afterwards",
        ("person_keys",),
    ),
    Kept(
        "receipt",
        "that an erasure is under way, and afterwards its receipt under a keyed pseudonym",
        "SQL",
        "the note goes with the erasure; the receipt after 90 days",
        ("erasures", "erasure_receipts"),
        remains="the receipt, under a pseudonym that only the deployment's key leads back to, to prove the erasure",
    ),
)
"""In the order of erasure."""

OF_NOBODY: Final[Mapping[str, str]] = {
    "stores_version": "which migration the database is at",
    "turns_admitted": "ids of events already taken, so that none is taken twice; an id names no person; 30 days",
    "workspaces_joined": "servers the Discord app is in, to notice a removal; gone with it",
    "registrations": "a digest of the commands Discord was told",
    "installations": "workspaces the app is installed in, tokens sealed; removed when the app is uninstalled",
    "review_trail_head": "the end of that record's chain of hashes",
    "referrals": "how many crises were answered, by month; counts only",
    "accounts": "moderators' own accounts; not the people who message",
    "account_links": "who in Slack or Discord works under which of those accounts; set and removed by the operator",
    "review_cards": "where the card of a case stands in a channel of moderators; names the case, not the person",
    "review_cards_read": "up to which line of the trail those cards have followed",
    "review_trail": "who of the moderators did what to which case; names no person; closed cases lose theirs",
    "planned_queries": "queries that questions were planned for: from data sets and generators, not conversations",
    "paid_calls": "replies of models about those queries, so that a job that is run again pays for nothing twice",
    "policies_served": "which policy came into force when, and because of whom among the operators",
    "policy_files": "the files of those policies, to put an earlier one back",
    "model_costs": "how often each model was called on each day, and what that cost; counts only",
    "replicas": "which processes of the bot are alive, with their release and policy; a row goes with its process",
    "queues": "the engine's own settings",
    "application_versions": "the engine's own settings",
    "workflow_schedules": "the engine's own settings; nothing is scheduled",
    "dbos_migrations": "which migration the engine's tables are at",
}
"""Tables that hold nothing tied to a person, with the reason."""

RECEIPT: Final = "receipt"
NAMES: Final = tuple(each.name for each in INVENTORY)


def remaining(removed: Mapping[str, int]) -> tuple[str, ...]:
    """The stores of which something must stay: of those where something was found, and the receipt itself."""
    return tuple(
        each.name for each in INVENTORY if each.remains and (removed.get(each.name, 0) or each.name == RECEIPT)
    )
