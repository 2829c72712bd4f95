package own_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
)

// shape lists the columns of synced's own tables but for the one that migration 1 made.
func shape(t *testing.T, b *harness.Bundle) []string {
	t.Helper()
	if b.Pool != nil {
		return b.Column(t, "SELECT c.relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid"+
			" WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'synced\\_%' AND relname NOT LIKE 'synced\\_timestamps%' AND attnum > 0 AND NOT attisdropped ORDER BY 1")
	}
	return b.Column(t, `SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" FROM sqlite_schema m JOIN pragma_table_info(m.name) c`+
		" WHERE m.name LIKE 'synced\\_%' ESCAPE '\\' AND m.name <> 'synced_timestamps' ORDER BY 1")
}

// runText runs a text of several statements, as the service's own tools do.
func runText(t *testing.T, b *harness.Bundle, text string) {
	t.Helper()
	var err error
	if b.Pool != nil {
		_, err = b.Pool.Exec(context.Background(), text)
	} else {
		_, err = b.File.DB().ExecContext(context.Background(), text)
	}
	require.NoError(t, err, text)
}

// undo runs all the way back.
func undo(t *testing.T, b *harness.Bundle, d synced.Dialect) {
	t.Helper()
	list := synced.Migrations(d)
	for i := range list {
		runText(t, b, list[len(list)-1-i].Down)
	}
}

func dialectOf(b *harness.Bundle, name string) synced.Dialect {
	if b.Pool != nil {
		return synced.PostgreSQL{Schema: name}
	}
	return synced.SQLite{Prefix: name}
}

// rowsOf are the rows of testdata, after the upgrade. What was refused is forgotten.
var rowsOf = map[string]string{
	"synced_times WHERE source = 'remote'": "1", "synced_quarantine WHERE attempts = 2 AND NOT partial": "2", "synced_waiting WHERE parent_id = '5'": "3",
	"synced_changes WHERE id = 1": "4", "synced_outbox WHERE last_id = 1": "4", "synced_consumers WHERE position = 0": "4", "synced_locks WHERE token = 3": "5",
	"synced_tokens WHERE name = 'account 7'": "6", "synced_validators WHERE shape = 'shape'": "7",
	"synced_runs WHERE number = 0 AND ended_at = succeeded_at": "8", "synced_passes WHERE position = 'position'": "8", "synced_seen WHERE beside IS NULL": "8",
}

func TestContract_C139_MigrateBringsEachVersionToTodays(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		today := shape(t, b)
		files, err := filepath.Glob("testdata/*.sql")
		require.NoError(t, err)
		require.Len(t, files, 8)
		undo(t, b, dialectOf(b, ""))
		require.Empty(t, shape(t, b))
		for version := 1; version <= len(files); version++ {
			runText(t, b, "CREATE TABLE synced_migrations (version bigint NOT NULL PRIMARY KEY)")
			for i, file := range files[:version] {
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				runText(t, b, string(text)+fmt.Sprintf("INSERT INTO synced_migrations VALUES (%d);", i+1))
			}
			require.ErrorContains(t, b.DB.Ready(ctx), "call Migrate")
			require.NoError(t, b.DB.Migrate(ctx), version)
			require.NoError(t, b.DB.Ready(ctx), version)
			require.Equal(t, today, shape(t, b), version)
			for rows, since := range rowsOf {
				if since <= fmt.Sprint(version) {
					require.Equal(t, []string{"1"}, b.Column(t, "SELECT CAST(count(*) AS text) FROM "+rows), "version %d: %s", version, rows)
				}
			}
			// An older program finds its own times.
			require.Equal(t, []string{"1"}, b.Column(t, "SELECT CAST(count(*) AS text) FROM synced_timestamps"))
			undo(t, b, dialectOf(b, ""))
			runText(t, b, "DROP TABLE synced_timestamps")
		}

		// Some migrations were changed after they had been applied.
		require.NoError(t, b.DB.Migrate(ctx))
		b.Execute(t, "DELETE FROM synced_migrations WHERE version IN (9, 11, 12)")
		require.NoError(t, b.DB.Migrate(ctx))
		require.Equal(t, today, shape(t, b))

		// A newer version's tables: what only adds is no obstacle, the rest is one clear error.
		d := harness.Rentals()
		harness.Model(t, b, d)
		b.Execute(t, "INSERT INTO synced_migrations (version) VALUES (999)")
		require.NoError(t, b.DB.Migrate(ctx))
		d.API = b.API
		_, err = synced.New(ctx, b.DB, d)
		require.NoError(t, err)
		b.Execute(t, "INSERT INTO synced_migrations (version) VALUES (1000)")
		const newer = "a newer version of synced made migration 1000 of its own tables, which this version can't work with: run the newer one, or undo that migration"
		require.EqualError(t, b.DB.Migrate(ctx), newer)
		_, err = synced.New(ctx, b.DB, d)
		require.EqualError(t, err, "synced: rentals: look for synced's own tables: "+newer)
	})
}

func TestContract_C137_MigrationsLeaveMigrateNothingToDo(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		other := elsewhere(t, b, named)
		d := dialectOf(b, named)
		last := 0
		for _, m := range synced.Migrations(d) {
			require.Greater(t, m.Number, last)
			require.Regexp(t, "^[a-z_]+$", m.Name)
			last = m.Number
			require.ErrorContains(t, other.DB.Ready(ctx), "call Migrate")
			runText(t, b, m.Up)
		}
		require.NoError(t, other.DB.Ready(ctx))
		// It writes nothing: another holds what it would need.
		tx, err := b.DB.Begin(ctx)
		require.NoError(t, err)
		if b.Pool != nil {
			_, err = tx.Exec(ctx, expr("SELECT pg_advisory_xact_lock(?)", int64(0x73796e636564)))
			require.NoError(t, err)
		}
		require.NoError(t, other.DB.Migrate(ctx))
		require.NoError(t, tx.Rollback(ctx))
		count := strings.ReplaceAll(`SELECT CAST(count(*) AS text) FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = '?')`, "?", named)
		if b.Pool == nil {
			count = "SELECT count(*) FROM sqlite_schema WHERE name LIKE '" + named + "%'"
		}
		require.NotEqual(t, []string{"0"}, b.Column(t, count))
		undo(t, b, d)
		require.Equal(t, []string{"0"}, b.Column(t, count))
	})
}

func TestContract_C136_ARoleThatMayMakeNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		role, as := "", elsewhere(t, b, "apart_")
		allow := func(mayWrite bool) {
			if b.Pool == nil {
				runText(t, as, "PRAGMA query_only = "+map[bool]string{true: "off", false: "on"}[mayWrite])
			}
		}
		if b.Pool != nil {
			role = "app_" + b.Pool.Config().ConnConfig.Database
			runText(t, b, "DROP ROLE IF EXISTS "+role+"; CREATE ROLE "+role+"; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
			t.Cleanup(func() { runText(t, b, "DROP OWNED BY "+role+"; DROP ROLE "+role) })
			as.DB = asRole(t, b, role, "apart_")
		}
		allow(false)
		err := as.DB.Migrate(ctx)
		require.ErrorContains(t, err, "this role may not make what is missing")
		_, script, found := strings.Cut(err.Error(), "\n\n")
		require.True(t, found)
		allow(true)
		for _, text := range []string{"CREATE TABLE IF NOT EXISTS ", "apart_", "synced_runs"} {
			require.Contains(t, script, text)
		}
		runText(t, b, script)
		allow(false)
		require.NoError(t, as.DB.Migrate(ctx), "nothing is left to do")
		require.NoError(t, as.DB.Ready(ctx))
		allow(true)

		// What the script grants is enough for a run.
		d := harness.Rentals()
		require.NoError(t, d.CreateTable(ctx, b.DB))
		if role != "" {
			runText(t, b, "GRANT SELECT, INSERT, UPDATE, DELETE ON rentals TO "+role)
		}
		b.Put("one")
		require.Equal(t, 1, harness.Sync(t, harness.Bind(t, as, d), synced.In(7)).Created)

		// A role that may not even look.
		if role != "" {
			b.Execute(t, "REVOKE SELECT ON apart_.synced_migrations FROM "+role)
			_, notBound := synced.New(ctx, as.DB, d)
			for _, err := range []error{notBound, as.DB.Migrate(ctx)} {
				require.ErrorContains(t, err, "permission denied for table synced_migrations")
				_, script, found = strings.Cut(err.Error(), "this role may not use synced's own tables: let their owner run this SQL:\n\n")
				require.True(t, found)
			}
			runText(t, b, script)
			require.NoError(t, as.DB.Migrate(ctx))
		}

		// A migration that is missing later.
		b.Execute(t, "DELETE FROM "+map[bool]string{true: "apart_.synced_migrations", false: "apart_synced_migrations"}[role != ""]+" WHERE version = 11")
		allow(false)
		err = as.DB.Migrate(ctx)
		require.ErrorContains(t, err, "this role may not")
		require.NotContains(t, err.Error(), "synced_runs\" (")
		allow(true)
	})
}
