package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/syncedgo/synced/store/sqlite"
)

// till is what writes the local database, and knows nothing of uploads.
type till struct{ db *sql.DB }

func newTill(ctx context.Context, local *sqlite.Store) (*till, error) {
	_, err := local.DB().ExecContext(ctx, "CREATE TABLE bookings (id integer PRIMARY KEY, guest text NOT NULL, nights integer NOT NULL, price text)")
	return &till{local.DB()}, err
}

// work does what happens in a minute.
func (t *till) work(minute int) error {
	switch {
	case minute == 0: // what was there before
		return t.do(`INSERT INTO bookings SELECT value, 'guest ' || value, value % 14 + 1, value || '.50' FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 2000) SELECT value FROM n)`)
	case minute == 20:
		// SQLite keeps any value in a column of any type, and the server does not.
		return t.do(`UPDATE bookings SET nights = 'a few' WHERE id = 17`)
	case minute == 40:
		return t.do(`UPDATE bookings SET nights = 3 WHERE id = 17`)
	case minute == 30:
		return t.do(`DELETE FROM bookings WHERE id BETWEEN 100 AND 149`)
	case minute%10 == 5:
		return t.do(fmt.Sprintf(`INSERT INTO bookings VALUES (%d, 'new guest', 2, '99.00')`, 5000+minute))
	default:
		return nil
	}
}

func (t *till) do(statement string) error {
	_, err := t.db.Exec(statement)
	return err
}
