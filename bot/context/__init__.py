"""What a model is shown of a repository: its map, the code that matters for a wish, its conventions; within a token budget.

``gather.py`` joins the parts: ``reading.py`` reads the tree, ``map.py`` says what it defines and who calls whom, ``relevance.py``
what of it matters (pure), ``conventions.py`` how it is written, ``discretion.py`` what is never shown. ``shelf.py`` lets a model
read on by itself. Everything is read from a laid-out tree, pure and without running anything; what looks like a
credential is struck out before it leaves the room, and files that hold nothing but secrets are never shown.
"""
