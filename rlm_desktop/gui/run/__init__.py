"""The run that is looked at: its steps as a tree, what can be done with one, and its past."""
