"""The decision: may a proposal be merged now, who is still missing, and what stops it all.

``ballot.py`` reads from GitHub how a pull request stands (:mod:`bot.policy.standing`), with ``roster.py`` for who holds which
role, ``owners.py`` for whose an address is, ``safety.py`` for what guards the branch and ``governance.py`` for who owns the
account; ``ruling.py`` joins that with what was proven and asks the policies; stages and ``/pawl why`` act on and tell the same
answer, and ``obstacles.py`` says what GitHub itself waits for. ``emergency.py`` brings everything to rest, ``turning.py`` closes
the check of what waits, ``taking_back.py`` says what a revert has to prove. Nothing here runs code of a repository.
"""
