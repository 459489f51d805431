"""The capabilities a plan step can name, one file each, each holding one :class:`~bot.capability.Capability`.

To add one: a file here with its schemas, a recipe or planner that uses it, and an engine that lists it.
"""
