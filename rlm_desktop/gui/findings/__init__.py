"""What a run found, and how: the answer, its evidence, and every detail of a step."""
