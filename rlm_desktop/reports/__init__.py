"""Reports of a run, to read and to hand on; and logs of other engines, read back."""
