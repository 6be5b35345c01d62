"""Is this person, or someone they speak of, in danger? Deterministic rules first, always; a model only adds.

Owns severities, verdicts, the screen, the crisis floor and flags. May import policy, profile, chat and below.
Called by the conversation's intake (before anything is queued) and by each turn.
"""
