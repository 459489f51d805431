"""What "done" means, written down before anything is changed; ``author.py`` joins the parts.

``spec.py`` says what a spec is. The sources read candidates out of words and code without running any: ``examples.py``
(``prose.py``, ``doctests.py``), ``tracebacks.py``, ``docstrings.py``, ``annotations.py``, ``named.py``. They make claims
(``draft.py``), which ``vetting.py`` lets pass and ``names.py`` ties to the repository's ``definitions.py``. ``oracle.py`` runs
the candidates on the base, against mutants and ``standins.py``, and keeps those that are stable and strong; ``lock.py`` writes
them down and digests them; ``refusal.py`` says which example would help. To add a source: a function that returns drafts,
called in ``author.read_wish``. No model, no key, no store in here.
"""
