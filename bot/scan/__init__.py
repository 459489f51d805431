"""Reading code, and the words of tools that read code, for things that should not come in. Nothing here runs the code.

``touched.py`` says which files to look at, ``novelty.py`` tells what a change adds from what was there; ``tool.py`` asks
ruff, mypy, bandit or complexipy in the sandbox, and ``ruff.py mypy.py bandit.py measure.py`` read their answers
(``typeshed.py`` keeps what mypy needs at hand); ``weakened.py`` compares annotations. ``rule.py`` says what a danger rule is,
``execution.py injection.py transport.py disclosure.py harness.py`` hold them, each with its own examples.
``requirements.py popular.py audit.py`` read dependencies.
The gates ask; this room answers.
"""
