"""Breaking the code on purpose, to see whether the tests notice.

``mutation.py`` says what a mutant and a kill matrix are. ``operators.py`` lists the ways to break code (``expressions.py``,
``statements.py``), each with its own examples, written with the spans of ``rewrite.py``; ``noise.py`` says what is not worth
breaking. ``generator.py`` makes the mutants of given lines, ``matrix.py`` judges them on the harness's fork server, and
``request.py`` is ``pawl mutate``. To add an operator: an ``Operator`` with its examples, and its place in the rank.
"""
