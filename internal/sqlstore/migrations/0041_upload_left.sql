-- Fingerprints of rows that the server refuses, and of those that are gone until the server knows: few,
-- and looked for in each step.
CREATE INDEX {index synced_upload_left} ON {synced_upload_prints} (table_name, version) WHERE gone = 1 OR refused <> '';
-- Down
DROP INDEX {index synced_upload_left};
