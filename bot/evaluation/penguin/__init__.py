"""PENGUIN: how safe answers are for the people who ask, with and without their background (METHOD sections 2 to 6).

Owns the data set's form and its generator, the simulated user, the modes that are compared, the run, the judge's
checks, statistics and reports. May import every room of the core, but neither adapters nor settings. Called by the
command line (``raise-bot penguin``) through the assembly; never by the runtime. The exact method, the paper's and ours,
is in ``bot/evaluation/README.md``.
"""
