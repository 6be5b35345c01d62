"""What is told about the application itself: events of a closed list, logs, metrics; never text of people.

May import errors, clock, identity and private. Called by every room that has something to tell.
"""
