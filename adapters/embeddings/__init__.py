"""Text to vectors: implementations of the port in `bot.llm.embedder`.

Owns `hashing` (the default: no model, no download), `minilm` (the paper's encoder, an extra) and `openai` (an API, or a
local server that speaks its wire form). May import the port, errors, and each module its own SDK. Called by the
assembly only; `embed` blocks, so a caller in an event loop runs the remote ones in a thread.
"""
