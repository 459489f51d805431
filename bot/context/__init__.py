"""What a model is shown of a repository: its map, the code that matters for a wish, its conventions; within a token budget.

``gather.py`` joins the parts. Everything is read from a laid-out tree, pure and without running anything; what looks like a
credential is struck out before it leaves the room, and files that hold nothing but secrets are never shown.
"""
