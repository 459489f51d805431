"""Running a project's tests and functions on many variants of its code, fast, with verdicts that are hard to forge.

``harness.py`` says what can be asked; ``suite.py`` runs whole test suites, and ``twins.py`` makes some of their tests fail to see
who says that they pass; ``variants.py`` keeps a fork server that judges thousands of variants; ``observe.py`` calls functions on
given inputs. All speak through ``session.py`` with the half that runs in the sandbox, on the project's own interpreter: the files
in ``inside/``, which need the standard library and pytest only and never import ``bot``. There, ``warden.py`` is the parent that
never imports the project, ``testrun.py`` the worker that does, ``ward.py`` the way between them; ``judge.py`` and ``zygote.py``
are the same pair for variants, ``observatory.py`` and ``calls.py`` for calls.
"""
