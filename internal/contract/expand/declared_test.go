package expand_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

func TestContract_C190_WhatIsRefused(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		_, api := shelf(t, remotetest.Style{})
		m := docs(t, b, api, nil)
		_, err := m.Synchronize(ctx, synced.NoScope, synced.Call{API: remote.Func(api.Pages)})
		require.ErrorContains(t, err, "give an API that is a remote.Getter")
		for _, c := range []struct {
			change func(*synced.Synced[doc])
			want   string
		}{
			{func(d *synced.Synced[doc]) { d.Expand = -1 }, "Expand is -1"},
			{func(d *synced.Synced[doc]) { d.Partial = true }, "leave Partial out, or Expand"},
		} {
			d := synced.Synced[doc]{Table: "docs", API: api, Expand: 4}
			c.change(&d)
			_, err := synced.New(ctx, b.DB, d)
			require.ErrorContains(t, err, c.want)
		}
		type bare struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Title    string `json:"title" db:"title"`
		}
		_, err = synced.New(ctx, b.DB, synced.Synced[bare]{Table: "docs", API: api, Expand: 4})
		require.ErrorContains(t, err, "add SyncedData")
		found, err := b.DB.Describe(ctx, "docs")
		require.NoError(t, err)
		drop := "DROP TRIGGER " + store.Quote(found.Triggers[0])
		if b.Pool != nil {
			drop += " ON docs"
		}
		b.Execute(t, drop)
		_, err = synced.New(ctx, b.DB, synced.Synced[doc]{Table: "docs", API: api, Expand: 4})
		require.ErrorContains(t, err, "Schema has the DDL")
	})
}

// A row that was canceled comes back with its record, whose summary is as it was.
func TestContract_C190_CanceledRows(t *testing.T) {
	type kept struct {
		SyncedID   int64       `json:"id" db:"synced_id"`
		Title      string      `json:"title" db:"title"`
		CanceledAt *time.Time  `db:"canceled_at"`
		Data       synced.Data `db:"synced_data"`
	}
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		srv, api := shelf(t, remotetest.Style{})
		m := harness.Model(t, b, synced.Synced[kept]{Table: "docs", API: api, Expand: 2, Strategy: strategy.Full{}, Remove: synced.Cancel{Column: "canceled_at"}})
		for id := 1; id <= 3; id++ {
			put(srv, id, 1, fmt.Sprint("t", id))
		}
		harness.Sync(t, m, synced.NoScope)
		live := func() []string {
			return b.Column(t, "SELECT title FROM docs WHERE canceled_at IS NULL ORDER BY title")
		}
		srv.Collection("docs").Delete(2)
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Removed)
		require.Equal(t, []string{"t1", "t3"}, live())
		put(srv, 2, 1, "t2")
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Restored)
		require.Equal(t, []string{"t1", "t2", "t3"}, live())
		asked(srv)
		require.Equal(t, 3, harness.Sync(t, m, synced.NoScope).Unchanged)
		require.Empty(t, asked(srv))
	})
}
