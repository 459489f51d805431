"""The codemods, one file each, each holding one :class:`~bot.codemod.Codemod` with its examples.

To add one: a file here and a test of the same name; its phrases make the planner find it, its examples document and test it.
A codemod is a pure function over texts; on text that it cannot read, or cannot change for certain, it changes nothing.
"""
