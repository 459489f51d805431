"""Asking a language model, whoever answers.

``asking.py`` says what is asked and answered, and by whom; ``provider.py`` what a vendor's adapter must do. ``router.py`` tries
the models of a duty in order, under ``breaker.py`` (pure) and ``budget.py`` (pure); ``structure.py`` holds answers to their
schema, ``citation.py`` what they cite to the files; ``hostile.py`` cleans and delimits what strangers wrote, with
``markup.py`` for what pages hide. Vendors live in ``providers/``, one SDK a file. Nothing here
knows a run, the store or GitHub: who builds a router gives it a journal to write to. Gates, policies, change and evidence may
not come in.
"""
