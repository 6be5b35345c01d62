"""Offline: which few attributes raise the safety of the answer to a query most (METHOD sections 4 and 6.1).

Owns the strategies (``lattice`` by default, Algorithm 1 as ``mcts``, baselines), the cached concurrent judge they
share, the proposals they start from, the reward of a real model, and durable planning jobs. May import ``paths``,
``state`` and the model port; never the agent. Called by the command line and the evaluation.
"""
