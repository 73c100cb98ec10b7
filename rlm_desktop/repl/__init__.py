"""The sandboxed Python REPL in which a model explores documents.

`host` is the parent's side; `child` and what it imports (`protocol`, `api`, `cell`, `display`, `confine`) need the
standard library only. This module imports nothing, because the child imports it.
"""
