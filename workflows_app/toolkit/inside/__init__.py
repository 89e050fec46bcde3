"""What runs inside the locked-down file child (`pumpflix.lib.sandbox.file_child`): parsing bytes of authors.

Each module has `work(header, files) -> (header, files)` and imports all it needs at the top.
"""
