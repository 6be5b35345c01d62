"""What must be kept, in SQL: turns and states, keys, consent, the audit. SQLite in a file, PostgreSQL by URL.

Owns the tables and their migrations. ``SqlDatabase`` is opened once by the assembly and given to each store as a value;
the stores are called through their ports. Core statements on threads of its own rather than an async driver: SQLite has
one writer anyway, and what waits while it commits goes with the next commit, on PostgreSQL too.
"""
