"""A double of the vendors of language models: scripted answers, in both vendors' wire formats, with faults on demand.

``aimock.py`` starts @copilotkit/aimock, which forms every answer and every stream event of OpenAI's and Anthropic's;
``wire.py`` reads requests and changes events (usage, refusals), ``fault.py`` is what can go wrong, ``server.py`` stands in
front of aimock, records what Pawl sends, takes the next scripted answer and spoils it where a fault is due. ``double.py`` is
what tests hold (the fixture ``models``); ``python -m tests.doubles.models`` starts it for a person. Only tests come in here.
"""
