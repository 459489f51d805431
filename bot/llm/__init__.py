"""Asking a language model, whoever answers.

``asking.py`` says what is asked and answered, and by whom; ``provider.py`` what a vendor's adapter must do. ``router.py`` asks
the seats of a duty in order, under ``breaker.py``, ``budget.py``, ``prices.py`` and ``patience.py`` (what a failure means): pure.
``conversation.py`` says what is sent, ``verdict.py`` what an answer is worth, ``structure.py`` whether it fits its schema,
``citation.py`` whether what it cites is in the files. ``hostile.py`` cleans and delimits what strangers wrote, with ``markup.py``
for what pages hide. ``bridge.py`` lets threads ask. Vendors live in ``providers/``, one SDK a file; ``dialects.py`` reads the
streams that many servers send alike. Nothing here knows a run, the store or GitHub: who builds a router gives it a journal to
write to. Gates, policies, change and evidence may not come in.
"""
