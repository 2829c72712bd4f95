package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

var _ sqlstore.Inserter = conn{}

// copyRows is how many rows are worth a COPY. Of the speed of a raw COPY of the
// same rows, ours reaches 0.94 with pages of 500, 0.77 with 50 and 0.55 with 20,
// and INSERT 0.37, 0.37 and 0.35. For a single row both are alike, and INSERT is
// one round trip less.
const copyRows = 20

// Insert copies rows into a table, under a savepoint: where a row of another
// writer is in the way, or the database or the driver can't copy these, they are
// left to INSERT, which says what is wrong with them or does it.
func (c conn) Insert(ctx context.Context, rows sqlstore.Insertion) ([]bool, error) {
	own := c.own()
	if own == nil || rows.Rows < copyRows {
		return nil, nil
	}
	from := newCopySource(rows, own.TypeMap())
	if !from.encode() {
		return nil, nil
	}
	if err := c.mark.flush(ctx); err != nil {
		return nil, err
	}
	names := make([]string, len(rows.Columns))
	for i, column := range rows.Columns {
		names[i] = store.Quote(column.Name)
	}
	wire := own.PgConn()
	tag, err := wire.CopyFrom(ctx, from, "SAVEPOINT synced_copy; COPY "+store.Quote(rows.Table)+
		" ("+strings.Join(names, ", ")+") FROM STDIN BINARY")
	var refused *pgconn.PgError
	copied := err == nil && tag.RowsAffected() == int64(rows.Rows)
	after := "RELEASE SAVEPOINT synced_copy"
	switch {
	case copied && c.mark.later("", after, nil): // with the next statement, or the commit
		return slices.Repeat([]bool{true}, rows.Rows), nil
	case copied:
	case err == nil, errors.As(err, &refused) && ctx.Err() == nil:
		// A trigger kept rows out, or an error that INSERT meets too, or avoids.
		after = "ROLLBACK TO SAVEPOINT synced_copy; " + after
	default:
		return nil, err
	}
	if _, err := wire.Exec(ctx, after).ReadAll(); err != nil || !copied {
		return nil, err
	}
	return slices.Repeat([]bool{true}, rows.Rows), nil
}
