"""The store, the only room that speaks SQL: one file per noun, numbered migrations, an embedded Postgres by default.

``store.py`` is the way in: everybody else sees only :class:`~bot.store.store.Store`. Behind it ``runs.py`` keeps runs under
their fence, ``outputs.py`` what stages made, ``ledger.py`` the chain, ``jobs.py`` and ``dispatcher.py`` the queue, and
``heartbeat.py`` a worker's lease. ``embedded.py`` and ``supervisor.py`` keep a Postgres of Pawl's own. A change of the schema
is a new file in ``migrations/``; a new noun is a file of functions that take a connection, so that one transaction can hold
several of them.
"""
