-- What landed, as it landed: versions of mentions, tags, and the smaller records.
-- No primary keys (DuckLake has none); the loader upserts by key and the checks prove uniqueness.
CREATE TABLE raw.loaded_files (
    path VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    bytes BIGINT NOT NULL,
    modified_ns BIGINT NOT NULL,
    loaded_rows BIGINT NOT NULL,
    quarantined_rows BIGINT NOT NULL,
    loaded_at TIMESTAMP NOT NULL
);

-- key: mention_id, text_hash ('' for a mention without words). An edit is a new row.
CREATE TABLE raw.mentions (
    mention_id VARCHAR NOT NULL,
    text_hash VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    native_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    title VARCHAR,
    text VARCHAR,
    full_text VARCHAR,
    url VARCHAR,
    thread_native_id VARCHAR,
    parent_native_id VARCHAR,
    reshare_of_native_id VARCHAR,
    author_key VARCHAR,
    is_official BOOLEAN,
    rating DOUBLE,
    likes BIGINT,
    replies BIGINT,
    shares BIGINT,
    views BIGINT,
    published_at TIMESTAMP,
    not_before TIMESTAMP,
    not_after TIMESTAMP,
    answered BOOLEAN,
    answered_at TIMESTAMP,
    answers_checked_at TIMESTAMP,
    place VARCHAR,
    product VARCHAR,
    score_kind VARCHAR,
    score_value DOUBLE,
    landed_in VARCHAR,
    first_seen_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    erased_at TIMESTAMP
);

-- key: mention_id, brand
CREATE TABLE raw.mention_brands (
    mention_id VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL
);

-- key: mention_id. The newest sighting of a deletion.
CREATE TABLE raw.deletions (
    mention_id VARCHAR NOT NULL,
    deleted_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL
);

-- key: text_hash, task, label, value, model_version. Append-only.
CREATE TABLE raw.tags (
    text_hash VARCHAR NOT NULL,
    task VARCHAR NOT NULL,
    label VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    model_version VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    evidence VARCHAR NOT NULL,
    loaded_at TIMESTAMP NOT NULL
);

-- key: run_id, source, brand, query
CREATE TABLE raw.coverage (
    run_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    query VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    outcome VARCHAR NOT NULL,
    asked_from TIMESTAMP,
    asked_to TIMESTAMP,
    seen BIGINT,
    new BIGINT,
    quarantined BIGINT,
    requests BIGINT,
    cap_hit BOOLEAN,
    reason VARCHAR,
    message VARCHAR,
    answers_from TIMESTAMP,
    answers_to TIMESTAMP,
    cost_usd DOUBLE
);

-- key: resolution_id
CREATE TABLE raw.resolutions (
    resolution_id VARCHAR NOT NULL,
    mention_id VARCHAR NOT NULL,
    resolved_at TIMESTAMP NOT NULL,
    how VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- key: key
CREATE TABLE raw.deliveries (
    key VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    audience VARCHAR NOT NULL,
    week VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    mention_id VARCHAR NOT NULL,
    recipients VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    transport VARCHAR NOT NULL,
    delivered_at TIMESTAMP NOT NULL
);

-- key: text_hash, task, label, labelled_by
CREATE TABLE raw.gold (
    text_hash VARCHAR NOT NULL,
    task VARCHAR NOT NULL,
    label VARCHAR NOT NULL,
    labelled_by VARCHAR NOT NULL,
    labelled_at TIMESTAMP NOT NULL
);

-- key: source, run_id, position, reason
CREATE TABLE raw.quarantine (
    source VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    position VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    payload VARCHAR NOT NULL,
    quarantined_at TIMESTAMP NOT NULL
);
