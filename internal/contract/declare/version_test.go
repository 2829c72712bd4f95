package declare_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// A record without a version can't be mapped.
func TestContract_C60_ARecordWithoutAVersion(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) { d.Invalid = synced.Fail{} })
		b.Server.Collection("villas").Put(remotetest.Record{"id": 1, "name": "one"})
		_, err := m.Synchronize(context.Background(), synced.In(1))
		require.EqualError(t, err, "synced: villas (account_id 1): page 1: record 1: changed_at: the record has no version to compare with its row's: set one in Map, or declare no Version")
		m = harness.Cabins(t, b, func(d *synced.Synced[harness.Cabin]) {
			d.Map = func(_ remote.Object, v *harness.Cabin) error {
				if v.ChangedAt == nil {
					v.ChangedAt = &time.Time{}
					*v.ChangedAt = time.Unix(1, 0)
				}
				return nil
			}
		})
		require.Equal(t, 1, harness.Sync(t, m, synced.In(1)).Created)
	})
}

// What is stored is mapped again, whatever tells its version now.
func TestRemapLooksAtNoVersion(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type kept struct {
			SyncedID int64       `json:"id" db:"synced_id"`
			Rev      int64       `db:"rev" synced:"computed"`
			Data     synced.Data `db:"synced_data"`
		}
		rev := int64(10)
		d := synced.Synced[kept]{Table: "kept", Strategy: strategy.Full{}, Version: "rev", Map: func(_ remote.Object, k *kept) error {
			k.Rev = rev
			return nil
		}}
		m := harness.Model(t, b, d)
		b.Server.Collection("kept").Put(remotetest.Record{"id": 1})
		harness.Sync(t, m, synced.NoScope)
		rev, d.MapVersion = 9, 1
		result, err := harness.Bind(t, b, d).Remap(context.Background(), synced.NoScope)
		require.NoError(t, err)
		require.Equal(t, 1, result.Updated)
		require.Equal(t, []string{"9"}, b.Column(t, "SELECT rev || '' FROM kept"))
	})
}

// Nor can one whose field holds what stands for nothing. Zero is a number.
func TestContract_C60_FieldsWithoutAVersion(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		tries[time.Time](t, b, "times", "null", "has no version")
		tries[sql.NullTime](t, b, "null_times", "null", "has no version")
		tries[string](t, b, "texts", `""`, "has no version")
		tries[*int](t, b, "ints", "null", "has no version")
		tries[sql.NullInt64](t, b, "null_ints", "null", "has no version")
		tries[int](t, b, "numbers", "0", "")
		tries[sql.NullInt64](t, b, "null_numbers", "0", "")
	})
}

// tries syncs a record with a version, and says what is wrong with it.
func tries[V any](t *testing.T, b *harness.Bundle, table, value, want string) {
	t.Helper()
	m := harness.Model(t, b, synced.Synced[with[V]]{Table: table, Version: "value", Strategy: strategy.Full{}})
	b.Server.Collection(table).PutRaw(`{"id":1,"value":` + value + `}`)
	_, err := m.Synchronize(context.Background(), synced.NoScope)
	if want == "" {
		require.NoError(t, err)
		return
	}
	require.ErrorContains(t, err, want)
}

func TestContract_C07_VersionsThatTellNothing(t *testing.T) {
	t.Parallel()
	type stamped struct {
		withID
		UpdatedAt time.Time  `json:"updated_at" db:"updated_at"`
		Checked   *time.Time `db:"checked_at"`
		Open      bool       `json:"open" db:"open"`
		Tags      []string   `json:"tags" db:"tags"`
		Key       uuid.UUID  `json:"key" db:"key"`
		Etag      []byte     `json:"etag" db:"etag"`
	}
	const prefix = "synced: rentals: "
	for column, want := range map[string]string{
		"changed_at": "the Version is column \"changed_at\", but declare_test.stamped has no field for it: add one, such as UpdatedAt time.Time `json:\"changed_at\" db:\"changed_at\"`",
		"synced_id":  `the Version is column "synced_id", which keeps the remote id and is the same in each version: name the column of a time or a counter`,
		"checked_at": `the Version is column "checked_at", but no attribute fills its field Checked: name the column of a local or computed attribute`,
		"open":       `the Version is column "open", but field Open of type bool does not tell which of two versions is later: name the column of a time, a number, or a text that sorts`,
		"tags":       `the Version is column "tags", but field Tags of type []string does not tell which of two versions is later: name the column of a time, a number, or a text that sorts`,
		"key":        `the Version is column "key", but field Key of type uuid.UUID does not tell which of two versions is later: name the column of a time, a number, or a text that sorts`,
		"etag":       `the Version is column "etag", but field Etag of type []uint8 does not tell which of two versions is later: name the column of a time, a number, or a text that sorts`,
	} {
		b := harness.Setup(t, "sqlite")
		_, err := synced.Synced[stamped]{Table: "rentals", Version: column}.Schema(b.DB)
		require.EqualError(t, err, prefix+want)
	}
	onTable := func(u unfit) {
		for _, kind := range []string{"sqlite", "postgres"} {
			if u.onlyPostgres && kind == "sqlite" {
				continue
			}
			b := harness.Setup(t, kind)
			b.Execute(t, u.ddl)
			require.EqualError(t, u.try(b.DB), u.want, kind)
		}
	}
	b := harness.Setup(t, "sqlite")
	b.Execute(t, plainTable+", value text)")
	_, err := synced.New(context.Background(), b.DB, synced.Synced[with[int64]]{Table: "rentals", Version: "value"})
	require.EqualError(t, err, prefix+`the Version is column "value" of type text, which compares the numbers of field Value as texts, 10 before 9: make it numeric`)
	onTable(unfitted("a decimal in a text column", plainTable+", value text)", synced.Synced[with[decimal]]{Version: "value"},
		prefix+`the Version is column "value" of type text, which compares the numbers of field Value as texts, 10 before 9: make it numeric`))
	onTable(onPostgres(unfitted("text in a uuid column", plainTable+", value uuid)", synced.Synced[with[string]]{Version: "value"},
		prefix+`the Version is column "value" of type uuid, which does not tell which of two versions is later: name another`)))
	for _, try := range []func(b *harness.Bundle) error{
		func(b *harness.Bundle) error {
			_, err := synced.New(context.Background(), b.DB, synced.Synced[with[decimal]]{Table: "rentals", Version: "value"})
			return err
		},
		func(b *harness.Bundle) error {
			_, err := synced.New(context.Background(), b.DB, synced.Synced[with[sql.NullInt64]]{Table: "rentals", Version: "value"})
			return err
		},
	} {
		for _, kind := range []string{"sqlite", "postgres"} {
			b := harness.Setup(t, kind)
			b.Execute(t, plainTable+", value numeric)")
			require.NoError(t, try(b))
		}
	}
}

// decimal writes itself as text.
type decimal struct{ text string }

func (d *decimal) Scan(src any) error           { d.text = fmt.Sprint(src); return nil }
func (d decimal) Value() (driver.Value, error)  { return d.text, nil }
func (d *decimal) UnmarshalText(b []byte) error { d.text = string(b); return nil }
