"""What people look at: flagged conversations as cases, and everything moderators do with them.

``cases`` is the vocabulary; ``handling`` decides each step of a case, pure; ``store`` is the port that keeps a step
whole or not at all; ``desk`` is what every face calls (web, chat, terminal); ``opening`` takes flags in; ``timers``
honours deadlines, follow-ups and claims that ran out; ``errands`` carries what is decided here into the conversation;
``presentation`` shows the minimum with identifiers hidden; ``trail`` is the hash-chained record of who did what;
``operating`` is the port to what operators do there.

May import risk, policy, profile, chat, telemetry and what lies below. Called by the assembly, the moderators' desk and
the command line; stored by ``adapters/stores``.
"""
