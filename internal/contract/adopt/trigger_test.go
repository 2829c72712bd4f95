package adopt_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/report"
)

// skip makes the database skip a statement for those rows of a table that a condition
// holds for, without an error, as a trigger of the service's does.
func skip(t *testing.T, b *harness.Bundle, statement, table, condition string) {
	t.Helper()
	if b.Pool == nil {
		b.Execute(t, "CREATE TRIGGER skips_"+statement+" BEFORE "+statement+" ON "+table+" WHEN "+condition+" BEGIN SELECT RAISE(IGNORE); END")
		return
	}
	b.Execute(t, "CREATE OR REPLACE FUNCTION skips() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
	b.Execute(t, "CREATE TRIGGER skips_"+statement+" BEFORE "+statement+" ON "+table+" FOR EACH ROW WHEN ("+condition+") EXECUTE FUNCTION skips()")
}

// C200: a row that a trigger of the service's skips is refused by the database, as one is
// that a trigger raises for: the error names the record and the cause, and with Quarantine
// the other rows are written.
func TestContract_C200_ATriggerThatSkipsRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Rentals()
		m := harness.Model(t, b, d)
		skip(t, b, "INSERT", "rentals", "NEW.name = 'two'")
		b.Put("one", "two", "three")
		_, err := m.Synchronize(context.Background(), synced.In(1))
		require.ErrorContains(t, err, "record 2: the database refuses it: no row was inserted, and no error raised: a trigger of the table skips it; change the table so that it takes the value, or set Invalid: synced.Quarantine{}")

		d.Invalid = synced.Quarantine{}
		m = harness.Model(t, b, d)
		result := harness.Sync(t, m, synced.In(1))
		require.Equal(t, 1, result.Quarantined)
		require.Equal(t, []string{"one", "three"}, harness.Names(t, m, synced.In(1)))
	})
}

// A first sync writes large pages by other means: COPY, on PostgreSQL.
func TestContract_C200_ATriggerThatSkipsRowsOfLargePages(t *testing.T) {
	for _, told := range []bool{false, true} { // whether somebody reads what the database filled in
		t.Run(fmt.Sprint("told ", told), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				var events []string
				d := harness.Rentals()
				if told {
					d.OnChange = harness.Noting[harness.Rental](&events, "rental")
				}
				require.NoError(t, d.CreateTable(t.Context(), b.DB))
				skip(t, b, "INSERT", "rentals", "NEW.synced_id % 25 = 0")
				records := harness.Records(numbers(200)...)
				page := func(d synced.Synced[harness.Rental]) *synced.Model[harness.Rental] {
					d.API = &harness.Strip{T: t, Listing: [][]remotetest.Record{records}}
					return harness.Bind(t, b, d)
				}
				m := page(d)
				_, err := m.Synchronize(context.Background(), synced.In(1))
				require.ErrorContains(t, err, "record 25: the database refuses it: no row was inserted, and no error raised: a trigger of the table skips it")
				require.Equal(t, []string{"0"}, b.Column(t, "SELECT count(*) || '' FROM rentals"))

				d.Invalid = synced.Quarantine{}
				m, events = page(d), nil
				for _, created := range []int{192, 0} {
					result := harness.Sync(t, m, synced.In(1))
					require.Equal(t, created, result.Created)
					require.Equal(t, 8, result.Quarantined)
				}
				require.Len(t, events, map[bool]int{true: 192}[told])
				require.Equal(t, []string{"192"}, b.Column(t, "SELECT count(*) || '' FROM rentals"))
			})
		})
	}
}

// numbers are 1 to n.
func numbers(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	return list
}

// An UPDATE that is skipped.
func TestContract_C200_ATriggerThatSkipsUpdates(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Rentals()
		m := harness.Model(t, b, d)
		b.Put("one", "two", "three")
		harness.Sync(t, m, synced.In(1))
		skip(t, b, "UPDATE", "rentals", "OLD.name = 'two'")
		b.Put("eins", "zwei", "drei")
		_, err := m.Synchronize(context.Background(), synced.In(1))
		require.ErrorContains(t, err, "record 2: the database refuses it: its row was not updated, and no error raised: a trigger or row level security of the table skips it")

		d.Invalid = synced.Quarantine{}
		m = harness.Bind(t, b, d)
		result := harness.Sync(t, m, synced.In(1))
		require.Equal(t, []int{2, 1}, []int{result.Updated, result.Quarantined})
		require.Equal(t, []string{"eins", "two", "drei"}, harness.Names(t, m, synced.In(1)))
	})
}

// A trigger that gives a row another remote id is an error.
func TestContract_C200_ATriggerThatChangesTheRemoteID(t *testing.T) {
	t.Parallel()
	b := harness.Setup(t, "postgres")
	m := harness.Model(t, b, harness.Rentals())
	b.Execute(t, "CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.synced_id := NEW.synced_id + 100; RETURN NEW; END'")
	b.Execute(t, "CREATE TRIGGER moves BEFORE INSERT ON rentals FOR EACH ROW EXECUTE FUNCTION moves()")
	b.Put("one", "two", "three")
	_, err := m.Synchronize(context.Background(), synced.In(1))
	require.ErrorContains(t, err, `a row has 101 in column "synced_id" now, which no record of the page has: a trigger of the table changes the column by which runs find rows: have it leave that alone`)
}

// C198: a column that runs write and a trigger of the service's rewrites is told as what
// it is: a row that differs from its record.
func TestContract_C198_ATriggerThatRewrites(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, harness.Rentals())
		if b.Pool == nil {
			b.Execute(t, "CREATE TRIGGER upper_insert AFTER INSERT ON rentals BEGIN UPDATE rentals SET name = upper(name) WHERE rowid = NEW.rowid; END")
			b.Execute(t, "CREATE TRIGGER upper_update AFTER UPDATE OF name ON rentals WHEN NEW.name <> upper(NEW.name) BEGIN UPDATE rentals SET name = upper(name) WHERE rowid = NEW.rowid; END")
		} else {
			b.Execute(t, "CREATE FUNCTION uppers() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name := upper(NEW.name); RETURN NEW; END'")
			b.Execute(t, "CREATE TRIGGER uppers BEFORE INSERT OR UPDATE ON rentals FOR EACH ROW EXECUTE FUNCTION uppers()")
		}
		b.Put("one", "two")
		require.Equal(t, harness.Counts{Created: 2}, harness.CountsOf(harness.Sync(t, m, synced.In(1))))
		// What a BEFORE trigger does to the row belongs to the run's own statement, so the
		// fingerprint stays. What an AFTER trigger does is an edit.
		again := harness.Counts{Unchanged: 2}
		if b.Pool == nil {
			again = harness.Counts{Updated: 2}
		}
		for range 2 {
			require.Equal(t, again, harness.CountsOf(harness.Sync(t, m, synced.In(1))))
			require.Equal(t, []string{"ONE", "TWO"}, harness.Names(t, m, synced.In(1)))
		}
		diff, err := m.Check(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Len(t, diff.Changed, 2)
		require.Equal(t, []report.Field{{Column: "name", Local: "ONE", Remote: "one"}}, diff.Changed[0].Fields)
	})
}
