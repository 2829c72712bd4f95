-- What a schedule runs, and how that went: a row a model and scope. All times are by
-- the database's clock, and all intervals in milliseconds. A row is due when next_at
-- has come and it is not paused. Who runs it has claimed it: next_at is then when the
-- claim ends. Again asks for another run after that one. Told are the causes that
-- somebody was told of, and that have not ended.
CREATE TABLE {synced_schedules} (
	model          text NOT NULL,
	scope_id       text NOT NULL,
	scope_kind     text NOT NULL,
	every          bigint NOT NULL,
	complete_every bigint NOT NULL,
	priority       bigint NOT NULL,
	credential     text NOT NULL,
	added_at       timestamptz NOT NULL,
	next_at        timestamptz NOT NULL,
	complete_at    timestamptz,
	claimed_by     text,
	again          boolean NOT NULL DEFAULT false,
	began_at       timestamptz,
	ended_at       timestamptz,
	succeeded_at   timestamptz,
	failures       bigint NOT NULL DEFAULT 0,
	error          text NOT NULL DEFAULT '',
	paused         text,
	consent        boolean NOT NULL DEFAULT false,
	refused        text NOT NULL DEFAULT '',
	quarantined    bigint NOT NULL DEFAULT 0,
	listed_none    boolean NOT NULL DEFAULT false,
	told           text NOT NULL DEFAULT '',
	PRIMARY KEY (model, scope_id)
);
CREATE INDEX {index synced_schedules_due} ON {synced_schedules} (priority, next_at) WHERE paused IS NULL;
CREATE INDEX {index synced_schedules_held} ON {synced_schedules} (credential, next_at) WHERE claimed_by IS NOT NULL;
-- Down
DROP TABLE {synced_schedules};
