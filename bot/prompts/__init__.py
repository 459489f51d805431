"""Every word that Pawl says to a model, one Markdown file each; strangers' words are never part of them.

``prompt.py`` reads them. To add one, write ``prompts/<name>.md``; the prompt of a duty begins with ``Your duty: <duty>``. Whoever
changes one changes what models do: look at the stories in ``tests/stories`` that play them.
"""
