"""GitHub: the only room that speaks to it, one file per noun, over one client that obeys GitHub's limits.

``app.py`` is the way in: an :class:`~bot.github.app.App` gives a :class:`~bot.github.repository.Repository` with a token of its
installation, narrowed to what is needed. Each noun (``comments.py``, ``checks.py``, ``pulls.py``…) is a file of functions that
take one. Nothing here decides anything: who may what, and whether a change may go on, is thought elsewhere.
"""
