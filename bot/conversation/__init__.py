"""The turn: from an event to what is said, remembered and flagged.

Owns the conversation's states, events and effects, the pure ``advance``, the ports to the engine and the ledger, the
runner that performs effects, and the intake that adapters call. May import everything below it (the RAISE core, review,
risk, policy, profile, chat, llm, telemetry); knows no SDK. Called by the assembly.
"""
