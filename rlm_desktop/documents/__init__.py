"""Documents: what a person opened, found, paged, searched and quoted. Everything slow runs in `ScanWorker`."""
