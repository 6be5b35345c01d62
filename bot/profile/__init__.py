"""What is known about a person: attributes, records, consent, retention, and the store port.

Owns the catalogue of attribute ids, values with source and expiry, and every decision about keeping and showing them.
May import chat's neighbours below it (errors, clock, identity, private). Called by risk, policy, the RAISE core, the
conversation and the stores.
"""
