"""From a question to a run: what is typed, with which means, what it will take, what waits."""
