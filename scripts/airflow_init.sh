#!/bin/sh
# Prepare Airflow: the database's schema, and the pools that the DAGs' tasks stand in.
# `make up` and the compose file both run this before anything else; running it again changes nothing.
# Both commands in one process: starting Airflow takes longer than either of them.
set -eu
cd "$(dirname "$0")/.."
pools="${GWIDAM_CONFIG:-config}/pools.json"
[ -f "$pools" ] || pools=config/pools.json
exec python - "$pools" <<'END'
import sys

from airflow.__main__ import main

for command in (["db", "migrate"], ["pools", "import", sys.argv[1]]):
    sys.argv = ["airflow", *command]
    main()
END
