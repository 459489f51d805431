"""Speech: how Pawl understands what is said to it and what it says itself.

``payload.py`` reads who said what where, ``wish.py`` makes an instruction of words and ``answering.py`` of an answer to a
question. ``messages.py`` and ``telling.py`` hold the sentences, ``reader.py`` the answers to questions about the code, as pure
functions that return Markdown cut to GitHub's limits; ``once.py`` and ``notice.py`` post them, each once. Strangers' text is
neutralised on its way out.
"""
