"""The language models: what there is, what fits, what is loaded, fetched, set and switched on."""
