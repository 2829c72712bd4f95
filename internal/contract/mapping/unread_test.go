package mapping_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// described has texts without a column.
type described struct {
	ID          int64       `db:"id"`
	SyncedID    int64       `json:"id" db:"synced_id"`
	AccountID   int64       `db:"account_id"`
	Description string      `json:"description"`
	Note        *string     `json:"about.note"`
	SyncedData  synced.Data `db:"synced_data"`
}

// ruled has a rule about such a text.
type ruled struct {
	ID          int64       `db:"id"`
	SyncedID    int64       `json:"id" db:"synced_id"`
	AccountID   int64       `db:"account_id"`
	Description string      `json:"description" validate:"min=4"`
	SyncedData  synced.Data `db:"synced_data"`
}

// A text without a column is in the rows that Map, a handler, a rule of validate and a
// reader are given. One of another type makes its record invalid, whoever reads it.
func TestContract_C433_TextsWithoutAColumn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Collection("rentals").Put(
			remotetest.Record{"id": 1, "description": "by the \"sea\"", "about": map[string]any{"note": "new"}},
			remotetest.Record{"id": 2, "description": nil},
			remotetest.Record{"id": 3, "description": 7, "about": map[string]any{"note": "new"}},
			remotetest.Record{"id": 4, "description": "old", "about": map[string]any{"note": 7}},
		)
		want := []string{"by the \"sea\"new", ""}
		shown := func(row *described) string {
			if row.Note == nil {
				return row.Description
			}
			return row.Description + *row.Note
		}
		var seen sync.Map
		for table, change := range map[string]func(*synced.Synced[described]){
			"read": nil,
			"mapped": func(d *synced.Synced[described]) {
				d.Map = func(_ remote.Object, row *described) error {
					seen.Store(fmt.Sprint("mapped ", row.SyncedID), shown(row))
					return nil
				}
			},
			"handled": func(d *synced.Synced[described]) {
				d.OnChange = func(_ context.Context, _ store.Tx, changes []synced.Change[described]) error {
					for _, c := range changes {
						seen.Store(fmt.Sprint("handled ", c.New.SyncedID), shown(c.New))
					}
					return nil
				}
			},
		} {
			d := synced.Synced[described]{Table: table, Scope: "account_id", Endpoint: "rentals", Strategy: strategy.Full{}, Invalid: synced.Quarantine{Limit: 1}}
			if change != nil {
				change(&d)
			}
			m := harness.Model(t, b, d)
			result := harness.Sync(t, m, synced.In(1))
			require.Equal(t, 2, result.Created, table)
			require.Equal(t, 2, result.Quarantined, table)
			for i, row := range harness.All(t, m) {
				require.Equal(t, want[i], shown(&row), table)
				if told, _ := seen.Load(fmt.Sprint(table, " ", row.SyncedID)); change != nil {
					require.Equal(t, want[i], told, table)
				}
			}
		}
		m := harness.Model(t, b, synced.Synced[ruled]{Table: "ruled", Scope: "account_id", Endpoint: "rentals", Strategy: strategy.Full{}, Invalid: synced.Quarantine{Limit: 1}})
		result := harness.Sync(t, m, synced.In(1))
		require.Equal(t, 1, result.Created)
		require.Equal(t, 3, result.Quarantined)
	})
}
