package told_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

type strict struct {
	SyncedID int64   `json:"id" db:"synced_id"`
	Name     *string `json:"name" db:"name"`
	Rank     int     `json:"rank" db:"rank"`
}

// What a person does first, and gets wrong: the error says what to do.
func TestErrorsSayWhatToDo(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Execute(t, "CREATE TABLE houses (synced_id bigint NOT NULL UNIQUE, name text NOT NULL CHECK (name <> 'x'), rank bigint NOT NULL)")
		d := synced.Synced[strict]{Table: "houses", Strategy: strategy.Full{}}
		_, err := synced.New(t.Context(), b.DB, d)
		require.ErrorContains(t, err, `field Name: a *string may be null, and column "name" is NOT NULL: make the field a string, allow null, or set Invalid: synced.Quarantine{}`)
		b.Execute(t, "DROP TABLE houses")
		b.Execute(t, "CREATE TABLE houses (synced_id bigint NOT NULL UNIQUE, name text CHECK (name <> 'x'), rank bigint NOT NULL)")
		houses := harness.Bind(t, b, d)
		const or = ", or set Invalid: synced.Quarantine{}"
		put := func(name, rank any) {
			b.Server.Collection("houses").Put(remotetest.Record{"id": 1, "name": name, "rank": rank})
		}
		for _, c := range []struct {
			name, rank any
			want       []string
		}{
			{3, 1, []string{"the number 3 does not fit field Name of type *string; make Name an int64, a float64 or a json.Number" + or}},
			{map[string]any{"en": "x"}, 1, []string{"; make Name a struct or a map" + or}},
			{[]string{"a"}, 1, []string{"; make Name a list, such as []string" + or}},
			{true, 1, []string{"; make Name a bool" + or}},
			{"a", "many", []string{`the string "many" does not fit field Rank of type int`, "; make Rank a string" + or}},
			{"a", 1.5, []string{"not a whole number of that type; make Rank an int64, a float64 or a json.Number" + or}},
			{"x", 1, []string{`the database refuses "x" in column "name"`, "; change the table so that it takes the value" + or}},
		} {
			put(c.name, c.rank)
			_, err := houses.Synchronize(context.Background(), synced.NoScope)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			_, one := houses.SyncOne(context.Background(), synced.NoScope, 1)
			require.ErrorContains(t, one, c.want[len(c.want)-1])
		}

		// A context that has ended before the run began.
		canceled, cancel := context.WithCancel(context.Background())
		cancel()
		late, end := context.WithTimeout(context.Background(), time.Nanosecond)
		defer end()
		<-late.Done()
		requests := b.Server.Requests()
		const before = ": the context had ended before anything was done: give one that lasts as long as the run"
		for ctx, want := range map[context.Context]string{canceled: "context canceled", late: "context deadline exceeded"} {
			_, err := houses.Synchronize(ctx, synced.NoScope)
			require.EqualError(t, err, "synced: houses: "+want+before)
			require.ErrorIs(t, err, ctx.Err())
			_, err = houses.SyncOne(ctx, synced.NoScope, 1)
			require.EqualError(t, err, "synced: houses: "+want+before)
			_, err = houses.Check(ctx, synced.NoScope)
			require.EqualError(t, err, "synced: houses: "+want+before)
		}
		require.Equal(t, requests, b.Server.Requests())

		// What was told to wait says only which type would do.
		put(3, 1)
		d.Invalid = synced.Quarantine{Limit: 1}
		result := harness.Sync(t, harness.Bind(t, b, d), synced.NoScope)
		require.Equal(t, 1, result.Quarantined)
	})
}
