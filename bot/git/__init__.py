"""Git: commits read and made as objects, and copies of remote repositories to do it in.

``objects.py`` reads and writes any repository without its hooks, filters or configuration; ``tree.py`` lays the files of a commit
out and lets no link lead elsewhere; ``mirror.py`` keeps a bare copy of a remote one, fetched with a token that no argument, file
or log shows. ``forges/`` build on them.
"""
