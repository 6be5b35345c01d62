"""The desk in a channel of moderators: cards of cases that stay up to date, and what pressing their buttons does.

``channel`` says which channel a case belongs in; ``cards`` draws a case, pure, without any text of a person; ``board``
keeps the cards in the channels as the cases are, whoever changed them; ``presses`` turns buttons and forms into steps
of the desk; ``store`` is the port to where cards stand and to whose account somebody in chat works under.

May import what ``bot.review`` may, and nothing of a platform. Called by the assembly; shown by ``adapters/slack`` and
``adapters/discord``; stored by ``adapters/stores``.
"""
