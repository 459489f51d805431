"""What "done" means, written down before anything is changed; ``author.py`` joins the parts.

``spec.py`` says what a spec is. The sources read candidates out of words and code without running any: ``examples.py``
(``prose.py``, ``values.py``, ``doctests.py``), ``tracebacks.py``, ``docstrings.py``, ``annotations.py``, ``named.py``. They make
claims (``draft.py``), which ``vetting.py`` lets pass and ``names.py`` ties to the repository's ``definitions.py``; ``sayings.py``
knows who says otherwise of the same call. Whole tests that somebody else wrote come in by ``foreign.py``, held to ``conduct.py``.
``oracle.py`` runs the candidates (``subjects.py``) on the base, against mutants and ``standins.py``, and keeps the stable and
strong; ``lock.py`` writes them down and digests them; ``refusal.py`` says which example would help; once there is a change
``strength.py`` holds the witnesses against mutants of it. ``challenge.py``, ``ground.py`` and ``outcome.py`` do the same for
counter-examples, ``showing.py`` for suspected bugs. To add a source: a function that returns drafts, called in
``author.read_wish``. No model, no key, no store in here.
"""
