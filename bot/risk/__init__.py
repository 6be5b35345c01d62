"""Is this person, or someone they speak of, in danger? Deterministic rules first, always; a model only adds.

``normalise`` undoes disguises, ``phrases`` and ``rules`` find what ``policies/risk`` describes, ``likeness`` (a small
linear model, trained by ``train``) hears what no rule foresees, ``screen`` judges both with the ``history`` of the
conversation, ``response`` says what follows, ``crisis`` and ``floor`` word the reply that needs nothing but memory.

Owns severities, verdicts, the screen, the crisis floor and flags. May import policy, profile, chat and below.
Called by the conversation's intake (before anything is queued) and by each turn.
"""
