"""The store: every event and text of every run, in one SQLite file."""

from rlm_desktop.store.history import Store
from rlm_desktop.store.summary import RunSummary

__all__ = ["RunSummary", "Store"]
