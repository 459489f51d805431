"""What code does on inputs nobody wrote down: generated inputs, contracts, and differences between old and new.

``seen.py`` finds the calls people wrote; ``shapes.py`` and ``inputs.py`` grow more from them; ``touched.py`` says which functions
a change alters; ``scene.py`` joins these: a function and the calls to watch it on. ``differences.py`` compares observations.
``contracts.py`` holds them to what was promised, by good sense (``accidents.py``), by words and annotations (``promises.py``), by
well-known notions (``notions.py``). ``answers.py`` finds answers that were written down; ``rows.py`` reads observed values back.
Running calls is the harness's work.
"""
