package sqlstore

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Reader is a [Conn] with a faster way to read rows.
type Reader interface {
	// Read runs a query, and calls row for each of its rows, which scans it and asks nothing
	// of the connection. It is not done if the rows have to be read by Query, and may have
	// called row before.
	Read(ctx context.Context, s Statement, row func(store.Rows) error) (done bool, err error)
}

// read calls row for each row of a query, as [store.Each] does. Row asks nothing of the
// session, and may be called again from the first row on, after again.
func (s Session) read(ctx context.Context, query store.SQL, again func(), row func(store.Rows) error) error {
	if conn, ok := s.conn.(Reader); ok {
		built, err := s.build(query)
		if err != nil {
			return err
		}
		if done, err := conn.Read(ctx, built, row); done || err != nil {
			return err
		}
		again()
	}
	return store.Each(ctx, s, query, row)
}

// IDs implements [backend.Querier].
func (s Session) IDs(ctx context.Context, query store.SQL, kind backend.Kind, found func(backend.ID)) error {
	dest := backend.NewID(kind)
	return s.read(ctx, query, func() {}, func(rows store.Rows) error {
		if err := rows.Scan(dest); err != nil {
			return err
		}
		found(backend.IDOf(dest))
		return nil
	})
}
