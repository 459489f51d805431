"""An examination: gates that run in somebody else's runner, asked by a paper and answered gate by gate.

``paper.py`` is what goes out and what comes back, ``wheel.py`` the Pawl that judges there, ``workflow.py`` what a repository has
to have for that; ``oidc.py`` believes only GitHub's own token for the job, ``intake.py`` is the door that runners come to. No key
of Pawl's leaves by it.
"""
