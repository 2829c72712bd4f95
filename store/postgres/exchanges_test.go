package postgres_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
)

// What a page costs is how often the server says that it is ready for the next statement.
func TestExchangesOfAPage(t *testing.T) {
	t.Parallel()
	type unit struct {
		SyncedID  int64  `json:"id" db:"synced_id"`
		AccountID int64  `db:"account_id"`
		Name      string `json:"name" db:"name"`
	}
	var ready atomic.Int64
	config := testdb.Postgres(t).Config().Copy()
	config.MaxConns = 1
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &readied{Conn: c, ready: &ready}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	db := storeOn(pool)
	m := storetest.Create[unit](t, db, storetest.Options{Scope: "account_id"})
	m.Table.Unread = true
	page := func(hash, from int64, look backend.Look) (records []backend.Record) {
		for id := from; id < from+100; id++ {
			r := m.Record(hash, unit{SyncedID: id, Name: fmt.Sprint("Villa ", id, hash)})
			r.Look = look
			records = append(records, r)
		}
		return records
	}
	for n, first := range []bool{true, false} { // the first time, statements are described
		for _, c := range []struct {
			what   string
			page   []backend.Record
			change backend.Change
			cost   int64
		}{
			{"new rows: the beginning, COPY, the commit", page(1, int64(n)*100, backend.Absent), backend.Created, 3},
			{"changed rows: a comparison, UPDATE, the commit", page(int64(n+2), 0, backend.Differs), backend.Updated, 3},
		} {
			before := ready.Load()
			require.Equal(t, c.change, m.Write(t, account, c.page...)[99].Change)
			if !first {
				require.Equal(t, c.cost, ready.Load()-before, c.what)
			}
		}
	}
}

const account = int64(7)

// readied is a connection that counts how often its server is ready.
type readied struct {
	net.Conn
	ready *atomic.Int64
	left  int // of the message that is being read
	head  []byte
}

func (c *readied) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	for some := p[:n]; len(some) > 0; {
		if c.left > 0 {
			skip := min(c.left, len(some))
			c.left, some = c.left-skip, some[skip:]
			continue
		}
		c.head, some = append(c.head, some[0]), some[1:]
		if len(c.head) == 5 {
			if c.head[0] == 'Z' {
				c.ready.Add(1)
			}
			c.left, c.head = int(binary.BigEndian.Uint32(c.head[1:]))-4, c.head[:0]
		}
	}
	return n, err
}
