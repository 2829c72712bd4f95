package types_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/strategy"
)

// level is an enum: a number in Go, a name in JSON and in texts.
type level int

func (l level) MarshalText() ([]byte, error) {
	return []byte(map[level]string{1: "ok", 2: "sad"}[l]), nil
}

func (l *level) UnmarshalText(text []byte) error {
	*l = map[string]level{"ok": 1, "sad": 2}[string(text)]
	return nil
}

// The service's own fields are of any type that the driver reads.
func TestContract_C131_OwnFieldsOfAnyType(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		if b.Pool == nil {
			type own struct {
				SyncedID int64         `json:"id" db:"synced_id"`
				Any      any           `db:"any_"`
				Tags     []string      `db:"tags"`
				Wait     time.Duration `db:"wait"`
				Double   int64         `db:"double_"`
			}
			b.Execute(t, "CREATE TABLE things (synced_id integer UNIQUE, any_ , tags text, wait bigint NOT NULL DEFAULT 0, double_ bigint GENERATED ALWAYS AS (synced_id * 2) VIRTUAL NOT NULL)")
			m := harness.Bind(t, b, synced.Synced[own]{Table: "things", Strategy: strategy.Full{}, API: objects(`{"id":1}`)})
			require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Created)
			b.Execute(t, `UPDATE things SET any_ = 'x', tags = '["a"]', wait = 60000000000`)
			require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
			require.Equal(t, []own{{1, "x", []string{"a"}, time.Minute, 2}}, harness.All(t, m))
			return
		}
		type own struct {
			SyncedID int64                     `json:"id" db:"synced_id"`
			Any      any                       `db:"any_"`
			Tags     []string                  `db:"tags"`
			Wait     time.Duration             `db:"wait"`
			Range    pgtype.Range[pgtype.Int4] `db:"range_"`
			Point    pgtype.Point              `db:"point_"`
			Addr     netip.Addr                `db:"addr"`
			Doc      map[string]any            `db:"doc"`
			Bits     pgtype.Bits               `db:"bits"`
			Double   int64                     `db:"double_"`
		}
		b.Execute(t, "CREATE TABLE things (synced_id bigint UNIQUE, any_ int4, tags text[], wait interval, range_ int4range, point_ point, addr inet, doc jsonb, bits varbit,"+
			" double_ bigint NOT NULL GENERATED ALWAYS AS (synced_id * 2) STORED)")
		m := harness.Bind(t, b, synced.Synced[own]{Table: "things", Strategy: strategy.Full{}, API: objects(`{"id":1}`)})
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Created)
		b.Execute(t, `UPDATE things SET any_ = 7, tags = '{a}', wait = '1 day 00:00:01', range_ = '[1,5)', point_ = '(1,2)', addr = '10.0.0.1', doc = '{"a":1}', bits = '101'`)
		require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		row := harness.All(t, m)[0]
		require.Equal(t, int32(7), row.Any)
		require.Equal(t, []string{"a"}, row.Tags)
		require.Equal(t, 24*time.Hour+time.Second, row.Wait)
		require.Equal(t, int32(5), row.Range.Upper.Int32)
		require.Equal(t, 2.0, row.Point.P.Y)
		require.Equal(t, "10.0.0.1", row.Addr.String())
		require.Equal(t, map[string]any{"a": json.Number("1")}, row.Doc)
		require.Equal(t, int32(3), row.Bits.Len)
		require.Equal(t, int64(2), row.Double)
	})
}

// An empty list or map takes the place of a null in a column that takes none.
func TestContract_C132_ListsInColumnsThatTakeNoNull(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type thing struct {
			SyncedID int64           `json:"id" db:"synced_id"`
			Tags     []string        `json:"tags" db:"tags"`
			More     map[string]int  `json:"more" db:"more"`
			Raw      json.RawMessage `json:"raw" db:"raw"`
		}
		array := map[bool]string{true: "text[]", false: "text"}[b.Pool != nil]
		b.Execute(t, "CREATE TABLE things (synced_id bigint UNIQUE, tags "+array+" NOT NULL, more json NOT NULL, raw json NOT NULL)")
		m := harness.Bind(t, b, synced.Synced[thing]{Table: "things", Strategy: strategy.Full{}, API: objects(`{"id":1,"tags":null}`, `{"id":2,"tags":null,"more":null,"raw":null}`)})
		require.Equal(t, harness.Counts{Created: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		diff, err := m.Check(context.Background(), synced.NoScope)
		require.NoError(t, err)
		require.True(t, diff.Passed(), "%s", diff)
		require.Equal(t, thing{1, []string{}, map[string]int{}, json.RawMessage("null")}, harness.All(t, m)[0])
	})
}

// value is a model with one attribute.
type value[V any] struct {
	SyncedID int64 `json:"id" db:"synced_id"`
	Value    V     `json:"value" db:"value"`
}

// What a column can't take is found by New.
func TestContract_C132_FoundByNew(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		generated := map[bool]string{true: "STORED", false: "VIRTUAL"}[b.Pool != nil]
		refused := refuses[value[*string]]
		refused(t, b, "value text NOT NULL", `field Value: a *string may be null, and column "value" is NOT NULL: make the field a string, allow null, or set Invalid: synced.Quarantine{}`)
		refuses[value[sql.NullInt64]](t, b, "value bigint NOT NULL", `field Value: a sql.NullInt64 may be null, and column "value" is NOT NULL: make the field a int64, allow null, or set Invalid: synced.Quarantine{}`)
		refuses[value[pgtype.Text]](t, b, "value text NOT NULL DEFAULT ''", `field Value: a pgtype.Text may be null, and column "value" is NOT NULL: make the field of a type that is never null, allow null, or set Invalid: synced.Quarantine{}`)
		refuses[value[string]](t, b, "value text GENERATED ALWAYS AS ('x') "+generated, `field Value: column "value" is generated by the database, so a run can't write it: leave the field its db tag alone`)
		if b.Pool != nil {
			refuses[value[int64]](t, b, "value bigint GENERATED ALWAYS AS IDENTITY", `field Value: column "value" is generated by the database, so a run can't write it: leave the field its db tag alone`)
			refuses[value[netip.Addr]](t, b, "value inet NOT NULL", `field Value: a netip.Addr may be null, and column "value" is NOT NULL: make the field of a type that is never null, allow null, or set Invalid: synced.Quarantine{}`)
			refuses[value[pgtype.Range[pgtype.Int4]]](t, b, "value int4range", `field Value: a pgtype.Range[github.com/jackc/pgx/v5/pgtype.Int4] has no form that column "value" of type int4range and JSON share: make it a string`)
			refuses[value[pgtype.Int4]](t, b, "value text", `field Value: column "value" of type text does not hold a Go pgtype.Int4: change one of them`)
			refuses[value[[]string]](t, b, "value integer[]", `field Value: column "value" of type integer[] does not hold a Go []string: change one of them`)
		}
		type own struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Value    string `db:"value" validate:"required"`
		}
		refuses[own](t, b, "value text", `field Value: no attribute fills it, so it is empty in each run, and its rule "required" never holds: drop the rule`)
		type child struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			ParentID *int64 `db:"parent_id" synced:"parent"`
		}
		type parent struct {
			ID       int64 `db:"id"`
			SyncedID int64 `json:"id" db:"synced_id"`
		}
		parents := harness.Model(t, b, synced.Synced[parent]{Table: "parents"})
		b.Execute(t, "CREATE TABLE children (synced_id bigint UNIQUE, parent_id bigint NOT NULL)")
		_, err := synced.New(context.Background(), b.DB, synced.Synced[child]{Table: "children", BelongsTo: []synced.Parent{synced.BelongsTo(parents, "parent", "parent_id", synced.MissingNull)}})
		require.EqualError(t, err, `synced: children: belongs to "parent": column "parent_id" is NOT NULL, and is null while the parent is missing: allow null, or use synced.MissingFail`)
		type rules struct {
			SyncedID int64 `json:"id" db:"synced_id"`
			Value    int   `json:"value" db:"value" validate:"min=5,max=3"`
		}
		refuses[rules](t, b, "value int", `field Value: its rules "min=5" and "max=3" never hold together: change one`)
	})
}

// refuses expects an error of New.
func refuses[R any](t *testing.T, b *harness.Bundle, column, want string) {
	t.Helper()
	b.Execute(t, "DROP TABLE IF EXISTS things")
	b.Execute(t, "CREATE TABLE things (synced_id bigint UNIQUE, "+column+")")
	_, err := synced.New(context.Background(), b.DB, synced.Synced[R]{Table: "things"})
	require.EqualError(t, err, "synced: things: "+want)
}
