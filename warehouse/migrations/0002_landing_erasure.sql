-- A deletion is done when the words are gone from the landing files too; NULL: still to do.
ALTER TABLE raw.deletions ADD COLUMN landing_erased_at TIMESTAMP;
