"""``python -m rlm_desktop``."""

import sys

from rlm_desktop.cli import main

if __name__ == "__main__":
    sys.exit(main())
