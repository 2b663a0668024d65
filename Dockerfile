# One image for every process of gwidam: Airflow's parts and the gwidam command. The locked packages, no root.
FROM python:3.11-slim-bookworm AS packages
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1
RUN pip install --no-cache-dir "uv>=0.9,<1"
WORKDIR /app
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --locked --no-dev --extra team --no-install-project
COPY . .
RUN uv sync --locked --no-dev --extra team

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 gwidam \
 && useradd --uid 10001 --gid gwidam --no-create-home --home-dir /var/lib/gwidam --shell /usr/sbin/nologin gwidam \
 && install --directory --mode=0700 --owner=gwidam --group=gwidam /var/lib/gwidam
COPY --from=packages /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    TRANSFORMERS_VERBOSITY=error \
    TOKENIZERS_PARALLELISM=false \
    GWIDAM_HOME=/var/lib/gwidam \
    GWIDAM_CONFIG=/app/config \
    AIRFLOW_HOME=/var/lib/gwidam/airflow
USER gwidam
VOLUME /var/lib/gwidam
CMD ["gwidam", "--help"]
