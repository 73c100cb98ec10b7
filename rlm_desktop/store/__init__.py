"""The store: every event and text of every run, in one SQLite file."""

from rlm_desktop.store.history import Store
from rlm_desktop.store.index import Part
from rlm_desktop.store.search import Match, SearchHit, SearchPage, Snippet
from rlm_desktop.store.summary import RunSummary, summarise

__all__ = ["Match", "Part", "RunSummary", "SearchHit", "SearchPage", "Snippet", "Store", "summarise"]
