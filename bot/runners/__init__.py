"""Where gates run, one file each: ``local.py`` runs them on this machine."""
