package adopt_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

// C200: a row that a trigger of the service's skips is refused by the database, as one is
// that a trigger raises for: the error names the record and the cause, and with Quarantine
// the other rows are written.
func TestContract_C200_ATriggerThatSkipsRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Rentals()
		m := harness.Model(t, b, d)
		if b.Pool == nil {
			b.Execute(t, "CREATE TRIGGER skips BEFORE INSERT ON rentals WHEN NEW.name = 'two' BEGIN SELECT RAISE(IGNORE); END")
		} else {
			b.Execute(t, "CREATE FUNCTION skips() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.name = ''two'' THEN RETURN NULL; END IF; RETURN NEW; END'")
			b.Execute(t, "CREATE TRIGGER skips BEFORE INSERT ON rentals FOR EACH ROW EXECUTE FUNCTION skips()")
		}
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
