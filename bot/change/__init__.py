"""What was changed and how dangerous it is: pure thought over text, no I/O.

``change.py`` says what a change is; ``diff.py`` reads and writes unified diffs; ``patch.py`` applies edits to files in
memory; ``area.py`` says what kind of file a path names, ``testing.py`` which files are tests, ``paths.py`` which may be
touched; ``encoding.py`` reads source as Python does; ``outline.py`` and ``annotation.py`` read Python without importing it;
``interface.py`` compares public interfaces; ``impact.py`` finds who depends on what; ``risk.py`` scores.
Everybody may come in; this room imports nobody but the ground floor.
"""
