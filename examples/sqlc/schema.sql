CREATE TABLE tasks (
	rental_id bigint NOT NULL,
	title text NOT NULL
);
