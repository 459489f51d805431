"""Running a project's tests and functions on many variants of its code, fast, with verdicts that the code cannot forge.

``harness.py`` says what can be asked; ``suite.py`` runs whole test suites; ``variants.py`` keeps a fork server that judges
thousands of variants; ``observe.py`` calls functions on given inputs and compares what they do. The files in ``inside/``
are the half that runs in the sandbox, on the project's own interpreter: standard library and pytest only, never ``bot``.
"""
