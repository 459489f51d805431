"""The languages Pawl can judge, one adapter each; Python is complete.

To add one: a file here holding one :class:`~bot.language.Language`.
"""
