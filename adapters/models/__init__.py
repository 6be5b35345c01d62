"""Models behind the port ``bot.llm``: anthropic, openai (and all who speak its wire form), offline, scripted, and
resilience, which puts several behind one (retry, circuit breaker, fallback order). Behind ``bot.llm.batches``: the
batches of anthropic and openai.

Owns time-outs, the mapping of SDK errors to ProviderError, and the names of models. May import the core's ports only.
Called by the assembly, through ``build``. Importing this package imports no SDK: those two modules are imported when
their provider is made.
"""
