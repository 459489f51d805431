"""What "done" means, written down before anything is changed.

``spec.py`` says what a spec is. The sources find candidate tests: ``examples.py`` (doctests, equations, "should return"),
``tracebacks.py``, ``annotations.py``, ``named.py``. ``oracle.py`` runs them on the base and keeps only
those that are stable and strong; ``lock.py`` writes the kept ones down and digests them. No model, no key, no store in here.
"""
