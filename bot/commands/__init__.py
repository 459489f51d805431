"""The verbs of ``/pawl``, one file each: ``COMMAND = Command(...)`` with usage, least permission, examples and ``obey``.

To add one, write its file and its test: it is found by itself, and so is its help. A command asks GitHub and the store what
it must know, leaves work in the store, and answers; it knows nothing of its siblings.
"""
