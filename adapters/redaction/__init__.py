"""Other ways of finding what could tell who wrote a text, behind ``bot.telemetry.redaction.Redactor``.

May import bot.telemetry, bot.errors and what it adapts; called by bot.assembly only, where the deployer chose it.
"""
