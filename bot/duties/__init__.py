"""What models are asked to do, one file a duty: plan, write tests, change code, refute a change, answer a question.

Each is a plain function from an :class:`~bot.llm.asking.Asker` and what the duty may see to a typed, checked result. The author
of the tests never sees a change; the author of the change sees the shown part of the spec only. What a model answers is data
from a stranger: it is validated here like any other input.
"""
