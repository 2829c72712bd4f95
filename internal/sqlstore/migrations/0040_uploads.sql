-- What is known of tables that are uploaded (package upload). A row a table: the sum of its
-- rows' hashes, the greatest version given to a change, how far its changes were noted, and
-- the size of the next batch.
CREATE TABLE {synced_uploads} (
	table_name text NOT NULL PRIMARY KEY,
	salt       text NOT NULL,
	shape      text NOT NULL,
	row_count  bigint NOT NULL,
	sum_hi     bigint NOT NULL,
	sum_lo     bigint NOT NULL,
	version    bigint NOT NULL,
	agreed     bigint NOT NULL,
	etag       text NOT NULL,
	noted      text NOT NULL,
	scanned_at bigint NOT NULL,
	batch      bigint NOT NULL,
	failures   bigint NOT NULL
);
-- Each row's place, hash and version, also of those that are gone until the server knows,
-- and of those that the server refuses, with the reason.
CREATE TABLE {synced_upload_prints} (
	table_name text NOT NULL,
	pos        bigint NOT NULL,
	row_key    text NOT NULL,
	hash       bigint NOT NULL,
	version    bigint NOT NULL,
	gone       bigint NOT NULL,
	refused    text NOT NULL,
	PRIMARY KEY (table_name, pos, row_key)
);
CREATE INDEX {index synced_upload_version} ON {synced_upload_prints} (table_name, version);
-- The sums of ranges of places.
CREATE TABLE {synced_upload_sums} (
	table_name text NOT NULL,
	node       bigint NOT NULL,
	row_count  bigint NOT NULL,
	sum_hi     bigint NOT NULL,
	sum_lo     bigint NOT NULL,
	PRIMARY KEY (table_name, node)
);
-- The keys of rows that a trigger saw change. Changes counts them, so that one that comes
-- while the row is noted is not lost. An empty key asks for the whole table.
CREATE TABLE {synced_upload_dirty} (
	table_name text NOT NULL,
	row_key    text NOT NULL,
	changes    bigint NOT NULL,
	PRIMARY KEY (table_name, row_key)
);
-- Down
DROP TABLE {synced_upload_dirty};
DROP TABLE {synced_upload_sums};
DROP TABLE {synced_upload_prints};
DROP TABLE {synced_uploads};
