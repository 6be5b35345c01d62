"""The whole application in a small world of its own: a simulated clock and network, with faults by seed.

``world`` runs one seed; ``loop`` is its time, ``life`` one life of the process, ``stores``, ``platform`` and ``model``
are what stands around the application, ``people`` use it, ``witness`` says what must never happen. Called by
``tests/simulation/test_simulated.py`` and, for thousands of seeds, by ``python -m tests.support.simulation``.

Real are: the application as assembled, the SQL stores on SQLite (their vault and sealing with them), the memory store
of profiles in place of Redis (it outlives the process, as Redis does), scheduling in the inline engine. Simulated are
the ways between them: each trip to the database, to Redis, to the platform and to the model takes its time, may fail,
and may be the last thing the process does. The durable engine is a small one (``engine``) that keeps what DBOS keeps:
DBOS itself runs threads, and with those no seed would ever happen twice.
"""
