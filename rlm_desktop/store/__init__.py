"""The store: every event and text of every run, in one SQLite file."""

from rlm_desktop.store.history import Store
from rlm_desktop.store.index import Part
from rlm_desktop.store.precedents import Precedent
from rlm_desktop.store.search import Mark, SearchHit, SearchPage
from rlm_desktop.store.summary import RunSummary, summarise

__all__ = ["Mark", "Part", "Precedent", "RunSummary", "SearchHit", "SearchPage", "Store", "summarise"]
