"""Program repair by search: small edits, ranked by how likely they are, tried until the spec holds.

Read in this order: ``source.py`` (a file as text and tree at once), ``case.py`` and ``evidence.py`` (what is known before
the search), ``localisation.py`` (which statements are to blame), ``routine.py`` and ``kinds.py`` (what is in scope there),
``template.py`` (what an edit template is), the templates themselves (``operators constants texts names calls methods containers
conditions statements insertions``, some with an ear for ``prose.py``), ``enumeration.py`` (candidates, best first, made only
when their turn comes), ``steady.py``, ``trial.py`` and ``beam.py`` (judging one edit, then several), ``hunt.py`` (the search),
``overfitting.py``, ``rivals.py``, ``confidence.py``, ``question.py`` and ``wording.py`` (emit, ask, or abstain, in words),
``otherwise.py`` (the same for a change that somebody else made).
To add a template: a generator function and its line in the ``TEMPLATES`` of its file, with an example in its test.
Templates are general: none may know a project, a function or a test by name.
"""
