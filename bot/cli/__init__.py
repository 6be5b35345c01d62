"""The command ``raise-bot``: one module a command, imported only when it is chosen.

Owns options, output for people and for scripts, and exit codes. May import everything but adapters (those through the
assembly). Called by the console script.
"""
