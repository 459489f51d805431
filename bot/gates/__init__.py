"""The gates, one file each: ``judge(subject) -> GateResult`` and one constant ``GATE``.

To add one: a file here, its test in ``tests/gates/``. Only what the change *adds* counts, so compare head with base.
Gates know nothing of each other; shared work (running a suite, tracing coverage) is the lab's.
"""
