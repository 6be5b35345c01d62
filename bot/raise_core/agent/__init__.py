"""ONLINE: what to ask, how to read the reply, when enough is known, and what to answer with.

Owns acquisition (value of information), abstention, question wording, reading of replies and the answer prompt; all
pure. May import state and paths of this core, policy, profile, chat, llm and below, never the planner. Called by the
conversation.
"""
