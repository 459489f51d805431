"""May it go on? Pure thought: a JSON document goes in, Rego rules judge it, a decision that explains itself comes out.

``document.py`` builds the input, which is a public contract; ``decision.py`` is the answer; ``engine.py`` is the one file that
knows regorus. Undefined, an exception or a wrong type is a *no*.
"""
