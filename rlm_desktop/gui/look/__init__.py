"""How the window looks and reads: colours, icons, numbers, words."""
