package types_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// objects lists objects.
func objects(list ...string) remote.API {
	return remote.Seq(func(context.Context, remote.Request) iter.Seq2[json.RawMessage, error] {
		return func(yield func(json.RawMessage, error) bool) {
			for _, o := range list {
				if !yield(json.RawMessage(o), nil) {
					return
				}
			}
		}
	})
}

// once syncs one object, twice and checked, and returns its row.
func once[R any](t *testing.T, b *harness.Bundle, d synced.Synced[R], object string) R {
	t.Helper()
	b.Execute(t, "DROP TABLE IF EXISTS things")
	d.Table, d.Strategy, d.API = "things", strategy.Full{}, objects(object)
	m := harness.Model(t, b, d)
	require.Equal(t, harness.Counts{Created: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	require.Equal(t, harness.Counts{Unchanged: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
	diff, err := m.Check(context.Background(), synced.NoScope)
	require.NoError(t, err)
	require.True(t, diff.Passed(), "%s", diff)
	return harness.All(t, m)[0]
}

func TestContract_C129_NumbersInAnySpelling(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type number struct {
			SyncedID int64           `json:"id" db:"synced_id"`
			Price    string          `json:"price" db:"price" synced:"number"`
			Cost     *string         `json:"cost" db:"cost" synced:"number"`
			Size     int             `json:"size" db:"size"`
			Count    int             `json:"count" db:"count" synced:"number"`
			Rate     *float64        `json:"rate" db:"rate" synced:"number"`
			Left     sql.Null[int]   `json:"left" db:"left_" synced:"number"`
			Number   json.Number     `json:"number" db:"number" synced:"number"`
			List     []int           `json:"list" db:"list"`
			Inside   struct{ N int } `json:"inside" db:"inside"`
			Bedrooms uint8           `json:"bedrooms"`
			Data     synced.Data     `db:"synced_data"`
		}
		row := once(t, b, synced.Synced[number]{}, `{"id":1,"price":12.50,"cost":"007.10","size":5.0,"count":"12","rate":" 1.5","left":"-3","number":"1.50","list":[1.0,2e1],"inside":{"N":5e0},"bedrooms":3.0}`)
		left, rate, cost := sql.Null[int]{V: -3, Valid: true}, 1.5, "007.10"
		row.Data = nil
		require.Equal(t, number{SyncedID: 1, Price: "12.50", Cost: &cost, Size: 5, Count: 12, Rate: &rate, Left: left, Number: "1.50", List: []int{1, 20}, Inside: struct{ N int }{5}, Bedrooms: 3}, row)
		row = once(t, b, synced.Synced[number]{}, `{"id":1,"price":"1E+2","count":5e0,"cost":null,"rate":null,"left":null}`)
		require.Equal(t, "1E+2", row.Price)
		require.Nil(t, row.Cost)
		require.Nil(t, row.Rate)
		require.False(t, row.Left.Valid)

		// What is no number costs the record, and a number fits no other string.
		for object, want := range map[string]string{
			`{"id":1,"price":"n/a"}`: `price: the string "n/a" does not fit field Price of type string: it is no number`,
			`{"id":1,"count":""}`:    `count: the string "" does not fit field Count of type int: it is no number`,
			`{"id":1,"count":"1.5"}`: `count: the string "1.5" does not fit field Count of type int: not a whole number of that type`,
			`{"id":1,"size":"5"}`:    "size: the string \"5\" does not fit field Size of type int: tag it `synced:\"number\"`",
			`{"id":1,"size":5.5}`:    `size: the number 5.5 does not fit field Size of type int: not a whole number of that type`,
			`{"id":1,"count":3e30}`:  `count: the number 3e30 does not fit field Count of type int: not a whole number of that type`,
		} {
			m := harness.Bind(t, b, synced.Synced[number]{Table: "things", Strategy: strategy.Full{}, API: objects(object)})
			_, err := m.Synchronize(context.Background(), synced.NoScope)
			field, ok := errors.AsType[*mapper.FieldError](err)
			require.True(t, ok, "%v", err)
			require.EqualError(t, field, want)
		}

		// A column of decimals is declaration enough.
		type decimal struct {
			SyncedID int64   `json:"id" db:"synced_id"`
			Price    string  `json:"price" db:"price"`
			Cost     *string `json:"cost" db:"cost"`
		}
		typ := map[bool]string{true: "numeric", false: "text"}[b.Pool != nil]
		if b.Pool != nil {
			b.Execute(t, "CREATE TABLE decimals (synced_id bigint UNIQUE, price "+typ+", cost numeric(8,2))")
			m := harness.Bind(t, b, synced.Synced[decimal]{Table: "decimals", Strategy: strategy.Full{}, API: objects(`{"id":1,"price":12.50,"cost":"3.1"}`)})
			require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Created)
			cost := "3.10"
			require.Equal(t, []decimal{{1, "12.50", &cost}}, harness.All(t, m))
		}
	})
}

func TestContract_C130_TimesInTheirLayout(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type times struct {
			SyncedID int64          `json:"id" db:"synced_id"`
			Unix     time.Time      `json:"unix" db:"unix" time:"unix"`
			UnixMS   *time.Time     `json:"unixms" db:"unixms" time:"unixms"`
			SQL      time.Time      `json:"sql" db:"sql_" time:"2006-01-02 15:04:05"`
			Berlin   sql.NullTime   `json:"berlin" db:"berlin" time:"02.01.2006 15:04" zone:"Europe/Berlin"`
			Day      time.Time      `json:"day" db:"day" time:"2006-01-02"`
			Plain    time.Time      `json:"plain" db:"plain"`
			Length   time.Duration  `json:"length" db:"length" time:"minutes"`
			Wait     *time.Duration `json:"wait" db:"wait" time:"duration"`
			Seen     time.Time      `json:"seen" time:"unix"`
			Data     synced.Data    `db:"synced_data"`
		}
		const object = `{"id":1,"unix":1767323045.5,"unixms":"1767323045123","sql":"2026-01-02 03:04:05","berlin":"02.07.2026 15:04","day":"2026-01-02","plain":"2026-01-02T03:04:05+02:00","length":1.5,"wait":"1h30m","seen":0}`
		utc := func(text string) time.Time {
			at, err := time.Parse(time.RFC3339Nano, text)
			require.NoError(t, err)
			return at
		}
		ms, wait := utc("2026-01-02T03:04:05.123Z"), 90*time.Minute
		want := times{
			SyncedID: 1, Unix: utc("2026-01-02T03:04:05.5Z"), UnixMS: &ms, SQL: utc("2026-01-02T03:04:05Z"), Berlin: sql.NullTime{Time: utc("2026-07-02T13:04:00Z"), Valid: true},
			Day: utc("2026-01-02T00:00:00Z"), Plain: utc("2026-01-02T01:04:05Z"), Length: 90 * time.Second, Wait: &wait, Seen: utc("1970-01-01T00:00:00Z"), Data: synced.Data(object),
		}
		require.Equal(t, want, once(t, b, synced.Synced[times]{}, object))

		// A zone of the declaration is that of times without one.
		tokyo, err := time.LoadLocation("Asia/Tokyo")
		require.NoError(t, err)
		row := once(t, b, synced.Synced[times]{Zone: tokyo}, `{"id":1,"unix":-1.5,"unixms":null,"sql":"2026-01-02 03:04:05","berlin":null,"day":"2026-01-02","plain":"2026-01-02 03:04:05.25","length":"2"}`)
		require.Equal(t, utc("1969-12-31T23:59:58.5Z"), row.Unix)
		require.Equal(t, utc("2026-01-01T18:04:05Z"), row.SQL)
		require.Equal(t, utc("2026-01-01T18:04:05.25Z"), row.Plain)
		require.Equal(t, utc("2026-01-02T00:00:00Z"), row.Day)
		require.Equal(t, 2*time.Minute, row.Length)
		require.False(t, row.Berlin.Valid)

		for object, want := range map[string]string{
			`{"id":1,"unix":"soon"}`:                 `unix: the string "soon" does not fit field Unix of type time.Time: it is no number`,
			`{"id":1,"unix":1e30}`:                   `unix: the number 1e30 does not fit field Unix of type time.Time: out of its range`,
			`{"id":1,"unix":1e15}`:                   `unix: the time 31690708-07-05T01:46:40Z in field Unix is out of range: the years 0 to 9999 in UTC`,
			`{"id":1,"sql":"2026-01-02T03:04:05Z"}`:  `sql: the string "2026-01-02T03:04:05Z" does not fit field SQL of type time.Time: not a time as "2006-01-02 15:04:05" spells it`,
			`{"id":1,"sql":5}`:                       `sql: the number 5 does not fit field SQL of type time.Time: a time as "2006-01-02 15:04:05" is a string`,
			`{"id":1,"plain":"2026-01-02 03:04:05"}`: "plain: the string \"2026-01-02 03:04:05\" does not fit field Plain of type time.Time: not a time as RFC 3339 spells it, such as 2006-01-02T15:04:05Z: tag it with another layout, such as `time:\"2006-01-02 15:04:05\"`, or set Zone",
			`{"id":1,"length":1e18}`:                 `length: the number 1e18 does not fit field Length of type time.Duration: out of its range`,
			`{"id":1,"wait":"long"}`:                 `wait: the string "long" does not fit field Wait of type *time.Duration: not a duration such as "1h30m"`,
		} {
			m := harness.Bind(t, b, synced.Synced[times]{Table: "things", Strategy: strategy.Full{}, API: objects(object)})
			_, err := m.Synchronize(context.Background(), synced.NoScope)
			field, ok := errors.AsType[*mapper.FieldError](err)
			require.True(t, ok, "%s: %v", object, err)
			require.EqualError(t, field, want)
		}
	})
}
