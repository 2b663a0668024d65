"""Tell whether a part of Airflow is healthy: `python scripts/healthy.py scheduler`. Standard library only.

Asks the API server's monitor page, which needs no login: exit 0 when the part answers or beats, 1 when not.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request

DEFAULT_URL = "http://127.0.0.1:8080"
PARTS = {
    "api-server": "metadatabase",
    "scheduler": "scheduler",
    "dag-processor": "dag_processor",
    "triggerer": "triggerer",
}


def health(url: str) -> dict[str, str]:
    """What the API server says of each part: 'healthy', 'unhealthy' or '' (never started). OSError: no answer."""
    with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=10) as answer:
        said = json.load(answer)
    return {part: (said.get(key) or {}).get("status") or "" for part, key in PARTS.items()}


def main(arguments: list[str]) -> int:
    """The exit code for one part; anything but healthy is said in one line."""
    if len(arguments) != 1 or arguments[0] not in PARTS:
        print(f"usage: healthy.py {{{','.join(PARTS)}}}", file=sys.stderr)
        return 2
    url = os.environ.get("GWIDAM_AIRFLOW_URL", DEFAULT_URL).rstrip("/")
    try:
        status = health(url)[arguments[0]]
    except (OSError, ValueError) as error:
        print(f"the API server at {url} does not answer: {error}", file=sys.stderr)
        return 1
    if status != "healthy":
        print(f"{arguments[0]} is {status or 'not running'}", file=sys.stderr)
    return 0 if status == "healthy" else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
