"""`python -m sandbox --home var/sandbox --port 8765`: the stand-ins in the foreground."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sandbox.serve import serve


def main() -> int:
    """Parse the options and serve; a taken port or a damaged anchor is one line and exit status 1."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Local stand-ins for every source.")
    parser.add_argument("--home", type=Path, default=Path("var/sandbox"), help="where the world's anchor is kept")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    try:
        serve(options.home, options.host, options.port)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"the sandbox cannot start on {options.host}:{options.port}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
