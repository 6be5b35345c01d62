"""The composition root: from settings to a running application.

The only importer of adapters, each inside the function that needs it, so that an SDK that is not used need not be
installed. May import everything. Called by the command line and by tests.
"""

from bot.assembly.application import Application, application
from bot.assembly.rulebook import Rulebook, rules_of

__all__ = ["Application", "Rulebook", "application", "rules_of"]
