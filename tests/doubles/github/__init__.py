"""A double of GitHub: a server of its own that never imports Pawl, judged in its tests by GitHub's published descriptions.

``state.py`` is all it knows, ``routing.py`` the table of REST routes and the one check of who may what, ``server.py`` the way
of a request, ``events.py`` the webhooks; ``clone.py`` is a bare repository on disk, ``git_http.py`` git in front of it.
Every other file is one noun of GitHub's: to add one, write a file with ``@route`` functions; it is served by being there.
``python -m tests.doubles.github --seed`` starts it for a person; tests take the fixture ``github`` and hold a
``client.Double``. Only tests come in here.
"""
