"""What operators decide, as data: the policy language, read from YAML, checked whole and served as one snapshot.

Owns the schema, reading with positions (`document`, `reading`), turning problems into words (`diagnostics`,
`validation`), what no single file can show (`crosscheck`), the bot's own phrases, and the current snapshot
(`registry`). May import profile's catalogue, severity and errors. Called by risk, the RAISE core, the conversation,
the desk and the command line; nothing here knows a person, a message or a model.
"""
