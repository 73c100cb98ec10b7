"""``bench repl``: how soon a text can be explored, in how much memory, and what cells and their deaths cost."""
