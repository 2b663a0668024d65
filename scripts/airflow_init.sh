#!/bin/sh
# Prepare Airflow: the database's schema, and the pools that the DAGs' tasks stand in.
# `make up` and the compose file both run this before anything else; running it again changes nothing.
set -eu
cd "$(dirname "$0")/.."
pools="${GWIDAM_CONFIG:-config}/pools.json"
[ -f "$pools" ] || pools=config/pools.json
airflow db migrate
airflow pools import "$pools"
