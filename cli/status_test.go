package cli

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store/sqlite"
)

func TestContract_C255_StatusHasEveryScope(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, func(d *synced.Synced[harness.Rental]) {
			d.Invalid, d.Remove = synced.Quarantine{}, synced.Destroy{Verify: synced.VerifyNever}
		})
		p.put(1, "one", "two", "three")
		p.put(2, "four")
		p.expect(0, "status",
			"MODEL    SCOPE  FRESH  NEXT  STATE  WRONG",
			"rentals  1      never  –     never",
			"rentals  2      never  –     never",
			"2 scopes, 0 with something wrong")

		p.expect(0, "sync rentals --scope 1", "rentals 1: 3 created (1 request, …)")
		account := b.Server.Account(token("1")).Collection("rentals")
		account.Put(remotetest.Record{"id": 130, "name": "last", "surface": "wide"})
		p.expect(0, "sync rentals --scope 1", "rentals 1: 1 in quarantine (2 requests, …)")
		for _, id := range []any{100, 101, 102, 130} {
			account.Delete(id)
		}
		b.Server.Script(remotetest.Fault{Status: 500})
		out, code := p.run("sync", "-s", "2")
		require.Equal(t, 2, code, out)
		out, code = p.run("sync", "-s", "1")
		require.Equal(t, 0, code)
		require.Equal(t, out, "rentals 1: 1 in quarantine (1 request, …); the remote listed nothing, and there are rows: check the credentials; "+
			"3 of 3 rows not removed: the remote listed nothing at all; see removals list\n")
		out, code = p.run("status")
		require.Equal(t, 0, code)
		lines := strings.Split(out, "\n")
		require.Equal(t, "rentals  1      2 hours ago  –     ok      3 rows refused; 1 in quarantine", lines[1])
		require.True(t, strings.HasPrefix(lines[2], "rentals  2      never        –     failed  "), out)
		require.True(t, strings.HasSuffix(lines[2], "…"), "it fits into the terminal: %s", out)
		require.Len(t, []rune(lines[2]), 80)
		require.Equal(t, "2 scopes, 2 with something wrong", lines[3])

		out, code = p.run("status", "--json", "--scope", "1")
		require.Equal(t, 0, code)
		for _, part := range []string{`{"model":"rentals","scope":"1","state":"ok","last_attempt":"`, `"quarantined":1,"refused":3}`} {
			require.Contains(t, out, part)
		}
		p.put(2, "four")
		require.NoError(t, exit(p.run("sync", "-s", "2")))
		out, _ = p.run("status", "--wrong")
		require.NotContains(t, out, "rentals  2")
		require.Contains(t, out, "2 scopes, 1 with something wrong")
	})
}

// exit is an error where the code is not 0.
func exit(out string, code int) error {
	if code != 0 {
		return &codeError{code, out}
	}
	return nil
}

func TestContract_C255_AnEmptyDatabaseIsMigrated(t *testing.T) {
	t.Parallel()
	db, err := sqlite.Open(t.Context(), ":memory:", sqlite.Options{Prefix: "crm_"})
	require.NoError(t, err)
	defer db.Close()
	p := &play{t: t, registry: Registry{
		DB: db, Declared: []Declaration{harness.Rentals(), harness.Bookings()},
		Models: func(context.Context) ([]schedule.Entry, error) {
			t.Error("there can be no models yet")
			return nil, nil
		},
	}}
	out, code := p.run("migrate", "--print")
	require.Equal(t, 0, code)
	require.Contains(t, out, `CREATE TABLE "crm_synced_runs"`)
	out, code = p.run("schema")
	require.Equal(t, 0, code)
	require.Contains(t, out, `CREATE TABLE IF NOT EXISTS "bookings" (`)
	dir := t.TempDir()
	out, code = p.run("migrate", "--dir", dir, "--tool", "golang-migrate")
	require.Equal(t, 0, code)
	require.Contains(t, out, "000001_synced_quarantine.up.sql")
	out, code = p.run("migrate", "--dir", dir, "--tool", "golang-migrate")
	require.Equal(t, 0, code)
	require.Empty(t, out, "they are there")
	out, code = p.run("cleanup")
	require.Equal(t, 2, code)
	require.Equal(t, "error: the database has no table crm_synced_migrations: run synced migrate\n", out)
	p.expect(0, "migrate", "synced's own tables are up to date")
	p.expect(0, "migrate --json", `{"done":"migrated"}`)
	p.expect(0, "cleanup", "dropped nothing")
}

func TestContract_C256_NamesHaveSuggestions(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, nil)
		for command, says := range map[string]string{
			"sync rentls":                          "no model rentls: did you mean rentals?",
			"sync cars":                            "no model cars: there is rentals",
			"sync rentals --scope 3":               "rentals has no scope 3: did you mean 1 or 2?",
			"sync --scope elsewhere":               "no scope elsewhere: there is 1, 2",
			"sync rentals --scope 1 --scope 33333": "rentals has no scope 33333: there is 2",
			"statsu":                               "no command statsu: did you mean status?",
			"quarantine lits":                      "no command lits: did you mean list?",
			"sync --parent 3":                      "--parent is for one model, and goes without --scope: name the model",
			"sync rentals --parent 3":              "--parent: rentals is not listed for each parent: give a --scope",
			"sync --jobs 0":                        "--jobs 0: give at least 1",
			"reset rentals":                        "say which with --scope, or --all for every scope of rentals",
			"schedule pause":                       "name a model or a --scope, or say --all",
			"quarantine drop rentals":              "say which with --id, or --all",
			"removals approve rentals":             "say which with --plan, as removals list has it",
			"outbox rewind index":                  "say from where on with --after or --since",
			"outbox rewind index --since noon":     `"noon" is no time: write 2026-01-02T15:04:05Z, or 24h for a day ago`,
			"cleanup --age=-1h":                    "--age -1h0m0s: give a positive duration, such as 168h",
			"tokens list":                          "no tokens are registered: set Tokens in the cli.Registry",
		} {
			p.expect(2, command, "error: "+says)
		}
		require.Zero(t, b.Server.Requests())
	})
}

func TestContract_C256_NamesAreCompleted(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, nil)
		for command, want := range map[string]string{
			"__complete sync r":                   "rentals\n:4\n",
			"__complete sync rentals --scope ":    "1\n2\n:4\n",
			"__complete quarantine drop  --scope": ":4\n",
		} {
			out, code := p.run(strings.Split(command, " ")...)
			require.Equal(t, 0, code)
			require.Contains(t, out, want, command)
		}
	})
}

func TestContract_C256_SyncRunsWhatIsNamed(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		p := played(t, b, func(d *synced.Synced[harness.Rental]) { d.Remove = synced.Destroy{} })
		p.put(1, "one", "two")
		p.put(2, "three")
		p.expect(0, "sync --dry-run --scope 2", "rentals (account_id 2): 1 compared: 1 missing, 0 additional, 0 changed",
			"           remote id  column  local  remote",
			`  missing  200                –      {"id":200,"name":"three","updated_at":"202…`)
		require.Empty(t, b.Column(t, "SELECT name FROM rentals"))
		p.expect(0, "sync --jobs 1", "rentals 1: 2 created (1 request, …)", "rentals 2: 1 created (1 request, …)", "2 runs: 3 created")
		b.Server.Account(token("1")).Collection("rentals").Put(remotetest.Record{"id": 100, "name": "ONE"}, remotetest.Record{"id": 101, "name": "TWO"})
		p.expect(0, "sync rentals -s 1 --id 100", "rentals 1: 1 updated (1 request, …)")
		p.expect(0, "sync --full --jobs 1", "rentals 1: 1 updated (1 request, …)", "rentals 2: nothing changed (1 request, …)", "2 runs: 1 updated")
		out, code := p.run("sync", "--json", "-s", "1")
		require.Equal(t, 0, code)
		require.Regexp(t, `^\{"model":"rentals","scope":"1","created":0,"updated":0,"unchanged":2,"removed":0,"restored":0,"records":2,"requests":1,"bytes":\d+,"seconds":[0-9.e-]+\}\n$`, out)

		b.Server.Revoke(token("2"))
		out, code = p.run("sync", "--jobs", "1")
		require.Equal(t, 2, code)
		lines := strings.Split(out, "\n")
		require.Equal(t, "rentals 1: nothing changed (1 request, …)", lines[0], "the others run: %s", out)
		require.True(t, strings.HasPrefix(lines[1], "synced: rentals (account_id 2): "), out)
		require.Equal(t, []string{"2 runs: nothing changed", "error: 1 of 2 runs failed", ""}, lines[2:])
		out, code = p.run("sync", "--json", "-s", "2")
		require.Equal(t, 2, code)
		require.Contains(t, out, `"error":"synced: rentals (account_id 2): `)
	})
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 119 * time.Minute: "1 hour", 47 * time.Hour: "1 day", 48 * time.Hour: "2 days",
	} {
		require.Equal(t, want, span(d))
	}
}
