"""From the start of the program to its end: one window, hidden, told of, opened again."""
