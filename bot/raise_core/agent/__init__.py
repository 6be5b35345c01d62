"""Online: what to ask next, how to word it, what a reply says, when to stop, and the answer itself.

May import ``paths`` and ``state`` but never the planner. Called by the conversation, once per turn.
"""
