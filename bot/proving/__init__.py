"""Trying what a model wrote, before anybody sees it: is it allowed, is it honest, does it do what the shown tests ask?

``candidate.py`` lays a copy of the tree out with the edits in it; ``objections.py`` and ``recital.py`` (both pure) say what may
not be proposed however well it works; ``proof.py`` runs the shown tests; ``documentation.py`` and ``new_tests.py`` hold the two
kinds of work that a spec says little about to what they promise; ``likeness.py`` tells whether two candidates do the same. The
gates judge again afterwards, with the held-out tests: nothing here is a verdict, it only saves rounds.
"""
