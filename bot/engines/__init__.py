"""Who makes the change, one file each: ``work(workbench) -> Work`` and one constant ``ENGINE``.

To add one: a file here and its name in the capabilities it can carry out. Engines are driven by hostile text and by models:
they answer with edits to files and cannot reach GitHub, the store or a key.
"""
