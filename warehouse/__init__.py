"""Landing files to DuckDB: raw, staging, intermediate, marts, checks and the published copy."""
