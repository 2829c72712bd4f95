package adopt_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/store/postgres"
)

// asRole returns the database as a role has it that may read and write all tables, and for
// which policies of row level security hold.
func asRole(t *testing.T, b *harness.Bundle, policies ...string) *harness.Bundle {
	t.Helper()
	role := "hidden_" + b.Pool.Config().ConnConfig.Database
	b.Execute(t, "CREATE ROLE "+role)
	t.Cleanup(func() {
		b.Execute(t, "DROP OWNED BY "+role)
		b.Execute(t, "DROP ROLE "+role)
	})
	b.Execute(t, "GRANT ALL ON ALL TABLES IN SCHEMA public TO "+role)
	b.Execute(t, "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "+role)
	b.Execute(t, "ALTER TABLE rentals ENABLE ROW LEVEL SECURITY")
	for _, policy := range policies {
		b.Execute(t, "CREATE POLICY "+policy)
	}
	config := b.Pool.Config()
	config.ConnConfig.RuntimeParams["role"] = role
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	as := *b
	as.Pool, as.DB = pool, postgres.New(pool, postgres.Options{}).Backend()
	return &as
}

// C199: what row level security hides from a run, or does not let it write, is an error, or
// told in the result: no run goes on as if it had been done.
func TestContract_C199_RowLevelSecurity(t *testing.T) {
	t.Parallel()
	see, add, edit := "sees ON rentals FOR SELECT USING (true)", "adds ON rentals FOR INSERT WITH CHECK (true)", "edits ON rentals FOR UPDATE USING (true)"
	for name, of := range map[string]struct {
		policies []string
		err      string
		kept     []synced.NotDeleted
	}{
		"nothing is hidden": {policies: []string{"all_rows ON rentals USING (true)"}},
		"a row is hidden":   {policies: []string{"other_rows ON rentals USING (name <> 'two') WITH CHECK (true)"}, err: "row level security"},
		"it may not be written": {policies: []string{"other_rows ON rentals USING (name <> 'two')", add},
			err: "record 2: id: the database refuses 2 in column \"synced_id\", 1 in column \"account_id\": remote id 2 conflicts with another row of rentals, maybe one that row level security hides"},
		"no policy":  {err: `new row violates row-level security policy for table "rentals"`},
		"no updates": {policies: []string{see, add}, err: "record 1: the database refuses it: its row was not updated, and no error raised: a trigger or row level security of the table skips it"},
		"no deletes": {policies: []string{see, add, edit}, kept: []synced.NotDeleted{{Table: "rentals", Rows: 1, Records: []string{"3"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := harness.Setup(t, "postgres")
			d := harness.Rentals()
			d.Remove = synced.Destroy{Limit: 1, Verify: synced.VerifyNever}
			b.Put("one", "two", "three")
			harness.Sync(t, harness.Model(t, b, d), synced.In(1))

			var log bytes.Buffer
			d.Log = slog.New(slog.NewTextHandler(&log, nil))
			m := harness.Bind(t, asRole(t, b, of.policies...), d)
			require.Equal(t, 1, strings.Count(log.String(), "row level security holds for the role on this table"))
			b.Put("eins", "zwei")
			b.Server.Collection("rentals").Delete(3)
			for range 2 {
				result, err := m.Synchronize(t.Context(), synced.In(1))
				if of.err != "" {
					require.ErrorContains(t, err, of.err)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, of.kept, result.NotDeleted)
			}
		})
	}
}
