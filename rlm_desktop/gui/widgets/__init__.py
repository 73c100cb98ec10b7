"""Parts that more than one panel is made of."""
