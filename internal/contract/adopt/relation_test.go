package adopt_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
)

// What no run could write to is found by New.
func TestContract_C201_NoTableToWriteTo(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type thing struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		refused := func(table, want string) {
			t.Helper()
			_, err := synced.New(context.Background(), b.DB, synced.Synced[thing]{Table: table, API: b.API})
			require.ErrorContains(t, err, want)
		}
		b.Execute(t, "CREATE TABLE things (synced_id bigint UNIQUE, name text)")
		b.Execute(t, "CREATE VIEW shown AS SELECT * FROM things")
		refused("shown", `"shown" is a view, and runs write rows: name the table below it`)
		if b.Pool == nil {
			return
		}
		b.Execute(t, "CREATE MATERIALIZED VIEW kept AS SELECT * FROM things")
		b.Execute(t, "CREATE UNIQUE INDEX ON kept (synced_id)")
		refused("kept", `"kept" is a view, and runs write rows: name the table below it`)
		b.Execute(t, "CREATE TABLE ruled (synced_id bigint UNIQUE, name text)")
		b.Execute(t, "CREATE RULE logs AS ON UPDATE TO ruled DO ALSO NOTIFY ruled")
		refused("ruled", `"ruled" has a rule for INSERT or UPDATE, and PostgreSQL takes no ON CONFLICT there, with which runs write: make it a trigger`)
		b.Execute(t, "CREATE TABLE late (synced_id bigint UNIQUE DEFERRABLE, name text)")
		refused("late", "the table has no unique index on (synced_id)")
		b.Execute(t, `CREATE UNIQUE INDEX "late_synced" ON "late" ("synced_id")`)
		_, err := synced.New(context.Background(), b.DB, synced.Synced[thing]{Table: "late", API: b.API})
		require.NoError(t, err)
	})
}

// A table that changes while the service runs is told as such.
func TestContract_C202_ATableThatChanged(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type thing struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		fails := func(table, sql, want string) {
			t.Helper()
			b.Server.Collection(table).Put(remotetest.Record{"id": 1, "name": "one"})
			m := harness.Model(t, b, synced.Synced[thing]{Table: table})
			b.Execute(t, sql)
			_, err := m.Synchronize(context.Background(), synced.NoScope)
			require.ErrorContains(t, err, want)
		}
		const again = "; the tables are no longer what synced.New found: call it again, as by a restart, with a declaration that fits"
		fails("renamed", "ALTER TABLE renamed RENAME COLUMN name TO title", again)
		fails("moved", "ALTER TABLE moved RENAME TO elsewhere", again)
		fails("lost", "DROP TABLE synced_times", "; if that is a table of synced's own, call Migrate on the store")
	})
}
