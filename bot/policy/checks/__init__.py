"""What no single file can show, one module a subject; ``bot.policy.crosscheck`` calls them all.

Each check takes the parts it needs and gives diagnostics; it may import the policy room's schema, parts and
diagnostics, and the catalogue of attributes. Nothing here reads a file.
"""
