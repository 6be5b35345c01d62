"""Measuring: the PENGUIN data set, simulated worlds, the judge, metrics and reports.

Owns everything that compares and nothing that runs: the runtime never imports it. May import every room of the core,
but neither adapters nor settings. Called by the command line (``bench``, ``penguin``) and by tests.
"""
