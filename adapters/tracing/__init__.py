"""OpenTelemetry traces: one per turn, its steps and model calls inside it, made of the closed list of events.

May import bot.telemetry, bot.errors and OpenTelemetry's SDK, an extra (``raise-bot[traces]``). Called by bot.assembly
only, where the deployer named a collector.
"""
