-- How often a consumer was rewound: a loop that is under way learns of it when it saves
-- its position.
ALTER TABLE {synced_consumers} ADD COLUMN rewinds bigint NOT NULL DEFAULT 0;
-- Down
ALTER TABLE {synced_consumers} DROP COLUMN rewinds;
