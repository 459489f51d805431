"""From what people do on GitHub to a command that is obeyed: a comment heard, a label put on, a button pressed, an App installed.

``hearing.py`` is the way of a comment, ``gesture.py`` that of labels and buttons (``button.py`` finds whose check it was);
``unasked.py`` has judged what nobody has to ask for; ``arrival.py`` welcomes repositories. Whoever asks for something is looked
up on GitHub for his permission before anything is obeyed. The files of ``webhooks/`` call them.
"""
