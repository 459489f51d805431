"""Answers to GitHub's events: one file per event, named as GitHub names it, each with one :class:`~bot.webhook.Event`.

A new event is a new file here, its name in ``app.yml`` and a test in ``tests/webhooks``. An answer leaves work in the store or
wakes a run that sleeps; it never judges, changes or merges anything. It never acts on edits, deletions or Pawl's own doings.
"""
