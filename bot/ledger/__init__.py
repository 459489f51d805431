"""The ledger: who decided what, when and why, hash-chained so that edits, cuts and reordering show.

``entry.py`` says what an entry is and how the chain is made and checked (pure). Writing it is the store's work.
"""
