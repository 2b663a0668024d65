"""Thin Airflow DAGs: when the use cases of pipeline/ run, in which order, and what happens when one fails."""
