"""Pictures of every view and state of the window, for a person to look at: ``python -m tests.gui.shots [SUBJECT…]``.

They are written to ``screenshots/`` (ignored by git), light and dark: the window in two sizes, dialogs in their own.
A subject is a module with the list `VIEWS`; each of its views brings the window, which the views of a subject share
in the order of the list, into a state and returns what is to be seen.
"""
