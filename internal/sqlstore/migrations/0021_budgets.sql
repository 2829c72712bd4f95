-- What all processes together may still ask of a remote with one credential, which is named
-- by a hash. Times are by the database's clock, in microseconds since 1970: when the request
-- after those that are leased is due, and until when nothing may start.
CREATE TABLE {synced_budgets} (
	credential text NOT NULL PRIMARY KEY,
	next_at    bigint NOT NULL,
	held_until bigint NOT NULL
);
-- Down
DROP TABLE {synced_budgets};
