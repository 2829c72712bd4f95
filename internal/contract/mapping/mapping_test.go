package mapping_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// thing is a model whose remote id is an ID.
type thing[ID any] struct {
	SyncedID   ID          `json:"id" db:"synced_id"`
	Name       string      `json:"name" db:"name"`
	Size       int         `json:"size"`
	SyncedData synced.Data `db:"synced_data"`
}

// keeps syncs things with the given ids, in order, reads them back, updates and
// removes them.
func keeps[ID any](t *testing.T, b *harness.Bundle, endpoint string, ids ...ID) {
	t.Helper()
	ctx := context.Background()
	m := harness.Model(t, b, synced.Synced[thing[ID]]{Table: endpoint, Strategy: strategy.Full{}, Remove: synced.Destroy{}})
	c := b.Server.Collection(endpoint)
	for i, id := range ids {
		c.Put(remotetest.Record{"id": id, "name": fmt.Sprint(i), "size": i})
	}
	require.Equal(t, harness.Counts{Created: len(ids)}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	require.Equal(t, harness.Counts{Unchanged: len(ids)}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	for i, id := range ids {
		row, err := m.Find(ctx, synced.NoScope, id)
		require.NoError(t, err)
		require.Equal(t, id, row.SyncedID)
		require.Equal(t, i, row.Size)
	}
	got := []ID{}
	for _, row := range harness.All(t, m) {
		got = append(got, row.SyncedID)
	}
	require.Equal(t, ids, got)
	c.Update(ids[0], remotetest.Record{"name": "other"})
	c.Delete(ids[1])
	require.Equal(t, harness.Counts{Updated: 1, Removed: 1, Unchanged: len(ids) - 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	_, err := m.Find(ctx, synced.NoScope, ids[1])
	require.ErrorIs(t, err, synced.ErrNotFound)
}

func TestContract_C01_IDsAreIntegersStringsOrUUIDs(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		keeps[int64](t, b, "numbers", math.MinInt64, -1, 0, 1<<53, 1<<53+1, math.MaxInt64)
		keeps(t, b, "texts", "A", "a", "b/ü?&", "n'1", "👍")
		keeps(t, b, "uuids", uuid.UUID{}, uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), uuid.Max)
	})
}

func TestContract_C01_UUIDsAreCanonical(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		const canonical = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
		m := harness.Model(t, b, synced.Synced[thing[uuid.UUID]]{Table: "things", Strategy: strategy.Full{}})
		c := b.Server.Collection("things")
		c.Put(remotetest.Record{"id": strings.ToUpper(canonical), "name": "one"})
		require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		c.Delete(strings.ToUpper(canonical))
		c.Put(remotetest.Record{"id": canonical, "name": "two"})
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		for _, spelling := range []any{canonical, strings.ToUpper(canonical), "{" + canonical + "}", uuid.MustParse(canonical)} {
			row, err := m.Find(context.Background(), synced.NoScope, spelling)
			require.NoError(t, err)
			require.Equal(t, canonical, row.SyncedID.String())
			require.Equal(t, "two", row.Name)
		}
	})
}

func TestContract_C01_AnotherIDColumn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type booking struct {
			ID       int64  `db:"id"`
			RemoteID int64  `json:"id" db:"remote_id"`
			Name     string `json:"name" db:"name"`
		}
		m := harness.Model(t, b, synced.Synced[booking]{Table: "bookings", IDColumn: "remote_id", Strategy: strategy.Full{}})
		b.Server.Collection("bookings").Put(remotetest.Record{"id": 7, "name": "one"})
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Created)
		row, err := m.Find(context.Background(), synced.NoScope, 7)
		require.NoError(t, err)
		require.Equal(t, booking{ID: 1, RemoteID: 7, Name: "one"}, row)

		// The remote id is the primary key.
		type keyed struct {
			ID   int64  `json:"id" db:"id"`
			Name string `json:"name" db:"name"`
		}
		k := harness.Model(t, b, synced.Synced[keyed]{Table: "keyed", Endpoint: "bookings", IDColumn: "id", Strategy: strategy.Full{}})
		require.Equal(t, 1, harness.Sync(t, k, synced.NoScope).Created)
		require.Equal(t, []keyed{{7, "one"}}, harness.All(t, k))

		_, err = synced.New(context.Background(), b.DB, synced.Synced[booking]{Table: "bookings"})
		require.EqualError(t, err, "synced: bookings: no field for the remote id: add SyncedID int64 `json:\"id\" db:\"synced_id\"`")
	})
}

func TestContract_C02_TheObjectIsKeptAsReceived(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		const raw = `{"id":1, "z":[3,1,2],"name":"x\u0000\u00e9",  "big":123456789012345678901234567890,"dec":1.10,"exp":1E+5,"unknown":{"b":[{"y":1,"x":null}],"a":""},"size":3}`
		type other struct {
			SyncedID int64       `json:"id" db:"synced_id"`
			Size     int         `json:"size"`
			Object   synced.Data `db:"object"`
		}
		type without struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
		}
		b.Server.Collection("things").PutRaw(raw)
		things := harness.Model(t, b, synced.Synced[thing[int64]]{Table: "things", Strategy: strategy.Full{}})
		others := harness.Model(t, b, synced.Synced[other]{Table: "others", Endpoint: "things", Strategy: strategy.Full{}})
		bare := harness.Model(t, b, synced.Synced[without]{Table: "bare", Endpoint: "things", Strategy: strategy.Full{}})
		for _, want := range []harness.Counts{{Created: 1}, {Unchanged: 1}} {
			require.Equal(t, want, harness.CountsOf(harness.Sync(t, things, synced.NoScope)))
			require.Equal(t, want, harness.CountsOf(harness.Sync(t, others, synced.NoScope)))
			require.Equal(t, want, harness.CountsOf(harness.Sync(t, bare, synced.NoScope)))
		}
		require.Equal(t, []thing[int64]{{SyncedID: 1, Name: "x␀é", Size: 3, SyncedData: synced.Data(raw)}}, harness.All(t, things))
		require.Equal(t, []other{{SyncedID: 1, Size: 3, Object: synced.Data(raw)}}, harness.All(t, others))
		require.Equal(t, []without{{SyncedID: 1, Name: "x␀é"}}, harness.All(t, bare))
		o, err := harness.All(t, things)[0].SyncedData.Object()
		require.NoError(t, err)
		big, err := remote.Get[json.RawMessage](o, "big")
		require.NoError(t, err)
		require.Equal(t, "123456789012345678901234567890", string(big))
	})
}

// A jsonb column keeps the value of the object, and no NUL.
func TestContract_C02_TheObjectInAJSONBColumn(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	b.Execute(t, "CREATE TABLE things (synced_id bigint UNIQUE, name text NOT NULL, synced_data jsonb)")
	b.Server.Collection("things").PutRaw(`{"id":1,"name":"a\u0000b","size":3,"z":[1.10,{"\u0000":12345678901234567890}]}`)
	m := harness.Bind(t, b, synced.Synced[thing[int64]]{Table: "things", Strategy: strategy.Full{}})
	require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)), "the columns were compared: there is no fingerprint")
	row := harness.All(t, m)[0]
	require.Equal(t, "a␀b", row.Name)
	require.JSONEq(t, `{"id":1,"name":"a␀b","size":3,"z":[1.10,{"␀":12345678901234567890}]}`, row.SyncedData.String())
	require.Contains(t, row.SyncedData.String(), "12345678901234567890")
}

func TestContract_C03_C04_LocalAndDelegatedAttributes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type rental struct {
			SyncedID  int64       `json:"id" db:"synced_id"`
			Title     *string     `json:"name" db:"local_name"`
			UpdatedAt time.Time   `json:"updated_at"`
			Links     []int       `json:"links"`
			Object    synced.Data `db:"synced_data"`
		}
		var seen []synced.Change[rental]
		b.Server.Collection("rentals").Put(remotetest.Record{"id": 1, "name": "one", "links": []int{3, 1}}, remotetest.Record{"id": 2})
		m := harness.Model(t, b, synced.Synced[rental]{Table: "rentals", Strategy: strategy.Full{}, OnChange: func(_ context.Context, _ store.Tx, changes []synced.Change[rental]) error {
			seen = append(seen, changes...)
			return nil
		}})
		harness.Sync(t, m, synced.NoScope)
		rows := harness.All(t, m)
		require.Equal(t, "one", *rows[0].Title)
		require.Equal(t, []int{3, 1}, rows[0].Links)
		require.Equal(t, remotetest.Start, rows[0].UpdatedAt)
		require.Nil(t, rows[1].Title)
		require.Nil(t, rows[1].Links)
		require.Equal(t, []string{"one", "null"}, b.Column(t, "SELECT local_name FROM rentals ORDER BY synced_id"))
		require.Equal(t, rows, []rental{*seen[0].New, *seen[1].New}, "a handler sees what is read later")

		// A delegated attribute is read from the object, and from nowhere else.
		b.Execute(t, `UPDATE rentals SET synced_data = '{"id":1,"links":[9]}' WHERE synced_id = 1`)
		row, err := m.Find(context.Background(), synced.NoScope, 1)
		require.NoError(t, err)
		require.Equal(t, []int{9}, row.Links)
		require.Zero(t, row.UpdatedAt)
	})
}

func TestContract_C05_WhatIsNotManagedIsNeverWritten(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		rentals := harness.Model(t, b, synced.Synced[harness.Rental]{Table: "rentals", Strategy: strategy.Full{}, Scope: "account_id"})
		b.Execute(t, "ALTER TABLE rentals ADD COLUMN color text NOT NULL DEFAULT 'red'")
		b.Execute(t, "ALTER TABLE rentals ADD COLUMN rank bigint")
		b.Put("one", "two")
		b.Server.Collection("rentals").Update(1, remotetest.Record{"notes": "remote", "color": "remote", "rank": 9})
		harness.Sync(t, rentals, synced.In(1))
		own := "SELECT notes || '/' || color || '/' || coalesce(CAST(rank AS text), '-') FROM rentals ORDER BY synced_id"
		require.Equal(t, []string{"/red/-", "/red/-"}, b.Column(t, own))

		b.Execute(t, "UPDATE rentals SET notes = 'mine', color = 'blue', rank = 5 WHERE synced_id = 1")
		b.Server.Collection("rentals").Update(1, remotetest.Record{"name": "ONE"})
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		require.Equal(t, []string{"mine/blue/5", "/red/-"}, b.Column(t, own))
		row, err := rentals.Find(context.Background(), synced.In(1), 1)
		require.NoError(t, err)
		require.Equal(t, "mine", row.Notes)
		require.Equal(t, "ONE", row.Name)
	})
}

// computed is a model that sets its own computed attribute.
type computed struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
	Slug     string `db:"slug" synced:"computed"`
}

var errNoName = errors.New("no name to make a slug of")

func (c *computed) MapRemote(o remote.Object) error {
	if c.Name == "" {
		return errNoName
	}
	kind, err := remote.Get[string](o, "kind")
	c.Slug = kind + "-" + strings.ToLower(c.Name)
	return err
}

func TestContract_C06_ComputedAttributes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type plain struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Name     string `json:"name" db:"name"`
			Slug     string `db:"slug" synced:"computed"`
		}
		byFunction := synced.Synced[plain]{Table: "functions", Endpoint: "things", Strategy: strategy.Full{}, Map: func(o remote.Object, row *plain) error {
			c := computed{Name: row.Name}
			err := c.MapRemote(o)
			row.Slug = c.Slug
			return err
		}}
		methods := harness.Model(t, b, synced.Synced[computed]{Table: "methods", Endpoint: "things", Strategy: strategy.Full{}})
		functions := harness.Model(t, b, byFunction)
		c := b.Server.Collection("things")
		c.Put(remotetest.Record{"id": 1, "name": "One", "kind": "villa"})
		require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, methods, synced.NoScope)))
		require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, functions, synced.NoScope)))
		require.Equal(t, []computed{{1, "One", "villa-one"}}, harness.All(t, methods))
		require.Equal(t, []plain{{1, "One", "villa-one"}}, harness.All(t, functions))

		// An error names the record, and nothing of its transaction stays.
		c.Put(remotetest.Record{"id": 2, "name": "Two", "kind": "flat"}, remotetest.Record{"id": 3, "kind": "flat"})
		for table, run := range map[string]func() (synced.Result, error){
			"methods":   func() (synced.Result, error) { return methods.Synchronize(context.Background(), synced.NoScope) },
			"functions": func() (synced.Result, error) { return functions.Synchronize(context.Background(), synced.NoScope) },
		} {
			result, err := run()
			require.ErrorIs(t, err, errNoName)
			require.ErrorContains(t, err, "synced: "+table+": page 1:")
			require.ErrorContains(t, err, "record 3: map: no name to make a slug of")
			var at *synced.Error
			require.ErrorAs(t, err, &at)
			require.Equal(t, "3", at.Record)
			require.Equal(t, harness.Counts{}, harness.CountsOf(result))
			require.Equal(t, []string{"1"}, b.Column(t, "SELECT CAST(count(*) AS text) FROM "+table))
		}

		// Another version maps unchanged objects again.
		c.Delete(3)
		byFunction.MapVersion, byFunction.API = 1, b.API
		byFunction.Map = func(_ remote.Object, row *plain) error { row.Slug = "new"; return nil }
		functions, err := synced.New(context.Background(), b.DB, byFunction)
		require.NoError(t, err)
		require.Equal(t, harness.Counts{Created: 1, Updated: 1}, harness.CountsOf(harness.Sync(t, functions, synced.NoScope)))
	})
}

func TestContract_C08_Endpoints(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		asked := func() string {
			log := b.Server.Log()
			return log[len(log)-1].Collection
		}
		b.Server.Collection("things").Put(remotetest.Record{"id": 1, "name": "one"})
		b.Server.Collection("v2/things").Put(remotetest.Record{"id": 2, "name": "two"})
		byDefault := harness.Model(t, b, synced.Synced[thing[int64]]{Table: "things"})
		named := harness.Model(t, b, synced.Synced[thing[int64]]{Table: "other_things", Endpoint: "v2/things"})
		second := harness.Model(t, b, synced.Synced[thing[int64]]{Table: "more_things", Endpoint: "things"})

		harness.Sync(t, byDefault, synced.NoScope)
		require.Equal(t, "things", asked())
		harness.Sync(t, named, synced.NoScope)
		require.Equal(t, "v2/things", asked())
		require.Equal(t, int64(2), harness.All(t, named)[0].SyncedID)

		// Each of two tables of one endpoint has its own rows and its own time.
		require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, second, synced.NoScope)))
		require.Equal(t, harness.All(t, byDefault), harness.All(t, second))
		require.NoError(t, second.Reset(context.Background(), synced.NoScope))
		require.True(t, harness.Sync(t, second, synced.NoScope).Since.IsZero())
		require.False(t, harness.Sync(t, byDefault, synced.NoScope).Since.IsZero())

		if b.Pool != nil {
			b.Execute(t, "CREATE SCHEMA crm")
			inSchema := harness.Model(t, b, synced.Synced[thing[int64]]{Table: "crm.things"})
			require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, inSchema, synced.NoScope)))
			require.Equal(t, "things", asked())
			require.Equal(t, harness.All(t, byDefault), harness.All(t, inSchema))
		}
	})
}

// A table is the service's own: pgx reads it into the same struct.
func TestSchema_PgxReadsTheTable(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	type every struct {
		ID         int64             `db:"id"`
		SyncedID   int64             `json:"id" db:"synced_id"`
		AccountID  int64             `db:"account_id"`
		Name       string            `json:"name" db:"name"`
		Size       *int              `json:"size" db:"size"`
		Rate       float64           `json:"rate" db:"rate"`
		Open       bool              `json:"open" db:"open"`
		Key        uuid.UUID         `json:"key" db:"key"`
		At         time.Time         `json:"at" db:"at"`
		Until      *time.Time        `json:"until" db:"until"`
		Texts      map[string]string `json:"texts" db:"texts"`
		Tags       []string          `json:"tags" db:"tags"`
		More       json.RawMessage   `json:"more" db:"more"`
		Notes      string            `db:"notes"`
		SyncedData synced.Data       `db:"synced_data"`
	}
	b.Server.Collection("things").PutRaw(`{"id":1,"name":"one","size":3,"rate":1.5,"open":true,"key":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","at":"2026-01-02T03:04:05.123456Z","until":null,"texts":{"en":"a"},"tags":["x"],"more":{"a":1}}`)
	b.Server.Collection("things").PutRaw(`{"id":2,"at":"2026-01-02T03:04:05Z"}`)
	m := harness.Model(t, b, synced.Synced[every]{Table: "things", Scope: "account_id"})
	harness.Sync(t, m, synced.In(7))
	rows, err := b.Pool.Query(context.Background(), `SELECT id, synced_id, account_id, name, size, rate, open, key, at, until, texts, tags, more, notes, synced_data FROM things ORDER BY synced_id`)
	require.NoError(t, err)
	got, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[every])
	require.NoError(t, err)
	for i := range got {
		got[i].At = got[i].At.UTC()
	}
	require.Equal(t, harness.All(t, m), got)
}
