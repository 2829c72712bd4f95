package check_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/report"
)

// cottage has what a mapping fills in each of its ways.
type cottage struct {
	ID         int64       `db:"id"`
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `json:"name" db:"name"`
	Note       *string     `json:"note" db:"note"`
	Beds       *int64      `json:"beds" db:"beds"`
	At         time.Time   `json:"at" db:"at"`
	Spots      []spot      `json:"spots" db:"spots"`
	SyncedData synced.Data `db:"synced_data"`
}

type spot struct {
	Kind string  `json:"kind"`
	Far  *string `json:"far"`
}

func TestContract_C416_PagesOfACheckShareNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		const records, perPage = 320, 10
		list := b.Server.Collection("cottages")
		var want []string
		for id := 1; id <= records; id++ {
			r := remotetest.Record{"id": id, "name": "cottage " + strconv.Itoa(id), "at": harness.At(id)}
			if id/perPage%2 == 0 { // what this page has, the next one lacks
				far := "far"
				r["note"], r["beds"], r["spots"] = "note", id, []spot{{"lake", &far}, {Kind: "sea"}}
			}
			list.Put(r)
		}
		api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), HTTP: b.Server.Client(), Auth: wire.Bearer(harness.Token), PerPage: perPage, InFlight: 3})
		require.NoError(t, err)
		m := harness.Model(t, b, synced.Synced[cottage]{Table: "cottages", Scope: "account_id", API: api})
		require.Equal(t, records, harness.Sync(t, m, synced.In(1)).Created)
		for id := 5; id <= records; id += 70 {
			b.Execute(t, fmt.Sprintf("UPDATE cottages SET note = 'edited', name = 'edited' WHERE synced_id = %d", id))
			b.Execute(t, fmt.Sprintf("DELETE FROM cottages WHERE synced_id = %d", id+32))
			want = append(want, fmt.Sprintf("%d: edited, not cottage %[1]d", id), fmt.Sprintf("%d: missing, {\"at\":%q", id+32, harness.At(id+32)))
		}
		for range 2 {
			var got []string
			for d, err := range m.Differences(context.Background(), synced.In(1)) {
				require.NoError(t, err)
				got = append(got, shown(t, d))
			}
			require.Equal(t, want, got)
		}
	})
}

// What a function of the service's keeps of a check stays as it was.
func TestContract_C416_MappedRowsAreKept(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		const records = 120
		for id := 1; id <= records; id++ {
			b.Server.Collection("cottages").Put(remotetest.Record{"id": id, "name": "cottage " + strconv.Itoa(id), "at": harness.At(id)})
		}
		api, err := rest.NewClient(rest.Config{BaseURL: b.Server.URL(), HTTP: b.Server.Client(), Auth: wire.Bearer(harness.Token), PerPage: 10})
		require.NoError(t, err)
		var mu sync.Mutex
		kept, objects := map[int64]*cottage{}, map[int64]remote.Object{}
		m := harness.Model(t, b, synced.Synced[cottage]{Table: "cottages", Scope: "account_id", API: api, Map: func(o remote.Object, row *cottage) error {
			mu.Lock()
			defer mu.Unlock()
			kept[row.SyncedID], objects[row.SyncedID] = row, o
			return nil
		}})
		harness.Sync(t, m, synced.In(1))
		clear(kept)
		diff, err := m.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed())
		require.Len(t, kept, records)
		for id, row := range kept {
			name := "cottage " + strconv.Itoa(int(id))
			require.Equal(t, name, row.Name)
			require.Contains(t, string(objects[id].Raw()), strconv.Quote(name))
		}
	})
}

func shown(t *testing.T, d report.Difference) string {
	t.Helper()
	switch {
	case d.Missing != nil:
		return d.Missing.ID + ": missing, " + string(d.Missing.Object.Raw()[:28])
	case d.Changed != nil:
		for _, f := range d.Changed.Fields {
			if f.Column == "name" {
				return fmt.Sprintf("%s: %v, not %v", d.Changed.ID, f.Local, f.Remote)
			}
		}
	}
	return fmt.Sprintf("%+v", d)
}
