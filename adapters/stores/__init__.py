"""Where things are kept: memory (cachetools), Redis, and SQL (SQLAlchemy Core on SQLite or PostgreSQL).

Owns every implementation of ProfileStore, Vault, Ledger, ConsentStore, FlagDesk and Audit, the form of what they write,
and how it is sealed. May import ports and data of bot.profile, bot.risk and bot.conversation, and the SDKs of its
stores. Built by the assembly alone; called through the ports. Profiles live in memory or Redis only, because they must
be forgotten.
"""
