-- Whether the object of a record in quarantine leaves out attributes that are not known
-- here.
ALTER TABLE {synced_quarantine} ADD COLUMN partial boolean NOT NULL DEFAULT false;
-- Down
ALTER TABLE {synced_quarantine} DROP COLUMN partial;
