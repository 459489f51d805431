"""Where changes are proposed, one file each: ``local.py``, a plain git repository, for a laptop; ``github.py``, GitHub."""
