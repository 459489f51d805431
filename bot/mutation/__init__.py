"""Breaking the code on purpose, to see whether the tests notice.

``mutation.py`` says what a mutant and a kill matrix are and joins the parts; ``operators.py`` makes syntax-tree mutants of given
lines, each operator with its own examples; ``generator.py`` is the one adapter to mutmut's generator.
Judging them is the harness's work.
"""
