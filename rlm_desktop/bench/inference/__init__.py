"""``bench inference``: many calls over one GGUF model, by us and by our peers, one process at a time."""
