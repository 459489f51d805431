"""Pawl: pull requests that prove themselves.

Reading order: ``run.py`` (what a run is, and its one transition table), then the stages in the order a run walks them
(``stages/plan.py specify.py change.py check.py propose.py``). From there: ``spec/`` says what "done" means before anything is
changed, ``engines/`` make the change, ``gates/`` judge it, ``policy/`` decides, ``evidence/`` seals what was seen. ``app.py``
joins everything; ``cli.py`` is the command line.
"""

VERSION = "0.1.0"
