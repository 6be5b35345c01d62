"""The scientific core: which background is worth asking for, and when enough is known (RAISE, METHOD sections 4-6).

Owns the state of a decision, the offline planner, the evidence it leaves behind and the online agent. May import
policy, profile, llm, telemetry and what lies below; never conversation, adapters or settings. Planner and agent meet
only in ``paths``. Called by the conversation (agent), the evaluation (all of it) and the command line (planner, paths).
"""
