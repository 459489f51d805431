"""The vendors of language models: one file each, the only place that knows its SDK and its wire.

To add one, write ``providers/<name>.py`` with a ``PROVIDER`` constant (:class:`bot.llm.provider.Vendor`). A provider turns one
request into one completion and every failure into the errors of ``llm/provider.py``; it never retries, counts or chooses: the
router does.
"""
