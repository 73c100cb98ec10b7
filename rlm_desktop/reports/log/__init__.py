"""The log format of the reference implementation (github.com/alexzhang13/rlm), written and read.

JSON lines: ``metadata`` once, then one ``iteration`` a turn, whose code blocks hold their sub-calls; a child RLM is
a sub-call with its own metadata and iterations. `format` has the shapes, `write` and `read` the two directions.
"""

from rlm_desktop.reports.log.read import Imported, read_log
from rlm_desktop.reports.log.write import log_lines

__all__ = ["Imported", "log_lines", "read_log"]
