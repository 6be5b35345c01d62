"""The composition root: from settings to a running application.

The only importer of adapters, each inside the function that needs it, so that an SDK that is not used need not be
installed. May import everything. Called by the command line and by tests.
"""
