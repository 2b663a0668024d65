#!/bin/sh
# Write .env for docker-compose.yml with random secrets: once, readable by its owner only. An existing .env stays.
set -eu
cd "${1:-$(dirname "$0")/..}"
if [ -e .env ]; then
  echo ".env exists and stays as it is; move it away first if you really want new secrets" >&2
  exit 1
fi
umask 077
secret() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; }
plain() { secret | tr -d '='; }
cat > .env.part <<END
# Made by scripts/compose_env.sh. Keep a copy in a safe place and never commit it: a lost GWIDAM_AUTHOR_SECRET
# means that nobody's earlier posts are recognised any more, a lost AIRFLOW_FERNET_KEY that connections must be
# entered again. The sources' keys and GWIDAM_SMTP_URL may stand below, one NAME=value a line.
GWIDAM_AUTHOR_SECRET=$(plain)
POSTGRES_PASSWORD=$(plain)
AIRFLOW_FERNET_KEY=$(secret)
AIRFLOW_JWT_SECRET=$(plain)
AIRFLOW_SECRET_KEY=$(plain)
END
mv .env.part .env
echo "wrote .env; next: docker compose up --detach"
