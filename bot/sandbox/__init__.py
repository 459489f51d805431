"""Running what is not trusted: everything that is not Pawl's own code.

``sandbox.py`` says what a sandbox takes and gives; ``bubblewrap.py`` and ``landlock.py`` are the layers; ``probe.py`` picks
one by running canary probes through the exact command; ``environment.py`` prepares a project's dependencies (the one
networked step, kept apart and cached by content). With no layer at all nothing runs: :class:`~bot.errors.NoIsolation`.
"""
