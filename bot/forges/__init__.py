"""Where changes are proposed, one file each: ``local.py``, a plain git repository, is the laptop's forge; ``github.py`` is GitHub."""
