"""Evidence and paths: the only place where planner and agent meet.

Owns judged sets, winning paths, their index over embeddings, and what neighbours teach about marginal gains. May
import ``state`` and the embedding port; storage is a port implemented in ``adapters/stores``. Called by the planner
(to record and to start from neighbours), the agent (to read marginal gains) and the command line.
"""
