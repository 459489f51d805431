"""Pawl: pull requests that prove themselves.

Reading order: ``run.py`` (what a run is, and its one transition table), then the stages in the order a run walks them
(``stages/plan.py specify.py change.py check.py propose.py approve.py merge.py``). From there: ``spec/`` says what "done" means
before anything is changed, ``engines/`` make the change, ``gates/`` judge it, ``policy/`` decides, ``evidence/`` seals what was
seen. On GitHub a delivery comes in by ``webhook.py`` and ``webhooks/``, a comment's commands go through ``doors/`` to
``commands/``, ``runners/actions.py`` has the gates run in the repository's own runners, and ``decision/`` says who may let a
proposal in. ``app.py`` joins everything for the laptop, ``server.py`` for GitHub; ``cli.py`` is the command line.
"""

VERSION = "0.1.0"
