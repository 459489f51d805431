"""May it go on? Pure thought: a JSON document goes in, Rego rules judge it, a decision that explains itself comes out.

``document.py`` builds the input, which is a public contract; ``engine.py`` asks every policy; ``decision.py`` is the answer;
``rego.py`` is the one file that knows regorus. Undefined, an exception or a wrong type is a *no*.
To add a policy: one ``.rego`` in ``policies/`` that defines ``deny``, ``require`` and ``warn``, its ``_test.rego`` beside it.
"""
