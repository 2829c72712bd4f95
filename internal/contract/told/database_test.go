package told_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

func TestContract_C438_TheDatabaseTakesNoWrites(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"default_transaction_read_only = on": "open the store on the primary, not on a replica",
		"statement_timeout = ''1ms''":        "raise statement_timeout for the role of the runs",
	} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			b := harness.Setup(t, "postgres")
			rentals := harness.Model(t, b, harness.Rentals())
			b.Put("one")
			if setting != "default_transaction_read_only = on" { // a statement that takes longer, on any machine
				b.Execute(t, "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(10); RETURN NEW; END'")
				b.Execute(t, "CREATE TRIGGER slow BEFORE INSERT ON rentals FOR EACH ROW EXECUTE FUNCTION slow()")
				setting = "statement_timeout = ''500ms''"
			}
			b.Execute(t, "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) || ' SET "+setting+"'; END $$")
			b.Pool.Reset()
			_, err := rentals.Synchronize(context.Background(), synced.In(1))
			require.ErrorContains(t, err, want)
		})
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		for pragma, want := range map[string]string{"query_only = 1": "who may write the file", "max_page_count = 1": "make room on the disk"} {
			b := harness.Setup(t, "sqlite")
			rentals := harness.Model(t, b, harness.Rentals())
			b.Put("one")
			b.Execute(t, "PRAGMA "+pragma)
			for i := range 500 {
				b.Server.Collection("rentals").Put(map[string]any{"id": i + 10, "name": string(make([]byte, 1000))})
			}
			_, err := rentals.Synchronize(context.Background(), synced.In(1))
			require.ErrorContains(t, err, want)
		}
	})
}
