package store

import "context"

// Rows is the answer to a query. A nil destination skips its column, and a row
// may be scanned more than once. Close it; closing twice is harmless.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// Each runs a query and calls row for each of its rows, until it returns an error.
func Each(ctx context.Context, q Querier, query SQL, row func(Rows) error) error {
	rows, err := q.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// One scans the only row of a query, and reports whether there is one.
func One(ctx context.Context, q Querier, query SQL, dest ...any) (found bool, err error) {
	err = Each(ctx, q, query, func(rows Rows) error {
		found = true
		return rows.Scan(dest...)
	})
	return found, err
}
