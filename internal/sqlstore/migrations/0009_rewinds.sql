-- How often a consumer was rewound: a loop that reads on learns of it when it saves
-- its position.
ALTER TABLE synced_consumers ADD COLUMN rewinds bigint NOT NULL DEFAULT 0;
