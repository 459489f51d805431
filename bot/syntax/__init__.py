"""Reading and rewriting Python text, without running any of it.

``tree.py`` reads a bounded abstract tree and is the guard before everything else; ``concrete.py`` is for trees that keep every
byte (libcst); ``ruff.py`` is the one adapter to ruff's fixes; ``names.py`` says which names a piece of code binds and uses;
``hidden.py`` finds characters nobody sees.
Text comes from strangers: whatever it holds, these answer with a tree, changed text, or nothing.
"""
