"""The port to models: Prompt, Reply, the Provider protocol, structured replies, budgets and prices; for jobs, calls
that are paid once (``paid``), their pace (``pacing``) and batches of them (``batches``: a port; ``batching``).

Owns no SDK. May import errors, clock and private. Called by the RAISE core, the conversation runner and evaluation;
implemented in ``adapters/models``.
"""

from bot.llm.provider import Chunk, Message, Prompt, Provider, Purpose, Reply, Role, Structured, Usage

__all__ = ["Chunk", "Message", "Prompt", "Provider", "Purpose", "Reply", "Role", "Structured", "Usage"]
