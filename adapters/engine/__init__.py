"""What runs turns so that none is lost or doubled: ``dbos`` (SQLite or PostgreSQL) and ``inline`` (this process only).

Owns every implementation of bot.conversation.engine.Engine. May import that port, errors and the SDK of its engine.
Built by the assembly alone. Holds no text of people: a turn is known by its id and its conversation's key.
"""
