"""Installing Pawl: the App made by GitHub's manifest flow, its keys kept, and a repository that says yes.

``setup.py`` is the page ``/setup``, ``credentials.py`` keeps what GitHub gives, ``onboarding.py`` opens the one pull request that
brings ``starter.py``'s commented configuration; nothing acts before it is merged, and closing it opts out.
"""
