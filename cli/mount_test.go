package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store/sqlite"
)

// mounted executes a command of a service that has "ops" beside its own commands.
func mounted(t *testing.T, r Registry, change func(root *cobra.Command), args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	ops := Command(r)
	ops.Use = "ops"
	root := &cobra.Command{Use: "service"}
	root.AddCommand(ops)
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"ops"}, args...))
	if change != nil {
		change(root)
	}
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func memory(t *testing.T) *sqlite.Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), ":memory:", sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestContract_C278_EachCommandSaysToMigrate(t *testing.T) {
	t.Parallel()
	db := memory(t)
	r := Registry{DB: db, Models: func(ctx context.Context) ([]schedule.Entry, error) {
		d := harness.Rentals()
		if err := d.CreateTable(ctx, db); err != nil {
			return nil, err
		}
		m, err := synced.New(ctx, db, d)
		return []schedule.Entry{schedule.Every(m, time.Hour, schedule.Fixed(synced.In(1)))}, err
	}}
	for _, command := range []string{
		"status", "sync", "check", "reset rentals --all", "remap rentals", "forget --gone", "cleanup", "schema", "quarantine list", "quarantine retry",
		"quarantine drop rentals --all", "removals list", "removals approve rentals --plan x", "outbox status", "outbox rewind x --after 0", "outbox prune",
		"outbox drop x", "schedule list", "schedule pause --all", "schedule start",
	} {
		_, err := mounted(t, r, nil, strings.Fields(command)...)
		require.EqualError(t, err, "the database has no table synced_migrations: run service ops migrate", command)
	}
	_, err := mounted(t, r, nil, "migrate")
	require.NoError(t, err)
	_, err = mounted(t, r, nil, "status")
	require.NoError(t, err)
	_, err = db.DB().Exec("DELETE FROM synced_migrations WHERE version = (SELECT max(version) FROM synced_migrations)")
	require.NoError(t, err)
	_, err = mounted(t, r, nil, "sync", "cars")
	require.ErrorContains(t, err, "the database lacks migration ")
	require.ErrorContains(t, err, ": run service ops migrate")
}

func TestContract_C279_MountedBesideOtherCommands(t *testing.T) {
	t.Parallel()
	r := Registry{DB: memory(t), Models: func(context.Context) ([]schedule.Entry, error) {
		return nil, errors.New("the service's own\x1b[2J\x07 error")
	}}
	var hooks int
	out, err := mounted(t, r, func(root *cobra.Command) {
		root.PersistentPreRunE = func(*cobra.Command, []string) error { hooks++; return nil }
	}, "migrate")
	require.NoError(t, err, out)
	require.Equal(t, 1, hooks, "a hook of the service's is not replaced")

	out, err = mounted(t, r, nil, "sync")
	require.EqualError(t, err, `the service's own\x1b[2J\a error`, "it can't move the cursor")
	require.Equal(t, 2, ExitCode(err))
	require.Equal(t, "Error: the service's own\\x1b[2J\\a error\n", out, "cobra prints it, without the usage")
	out, err = mounted(t, r, func(root *cobra.Command) { root.SilenceErrors = true }, "sync", "--nonsense")
	require.EqualError(t, err, "unknown flag: --nonsense")
	require.Empty(t, out)
}

// Each help fits into a terminal of 80 columns.
func TestContract_C279_HelpFits(t *testing.T) {
	t.Parallel()
	var visit func(path ...string)
	visit = func(path ...string) {
		out, err := mounted(t, Registry{DB: memory(t)}, nil, append(path, "--help")...)
		require.NoError(t, err)
		for line := range strings.Lines(out) {
			if !strings.HasPrefix(line, `Use "service ops`) { // cobra's own
				require.LessOrEqual(t, len([]rune(line)), 81, "%v: %s", path, line)
			}
		}
		cmd, _, err := Command(Registry{}).Find(path)
		require.NoError(t, err)
		for _, below := range cmd.Commands() {
			visit(append(path, below.Name())...)
		}
	}
	visit()
}

func TestContract_C279_NamesTakeOneLine(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		type thing struct {
			SyncedID int64  `json:"id" db:"synced_id"`
			Owner    string `db:"owner"`
			Name     string `json:"name" db:"name"`
		}
		long, bad, digits := strings.Repeat("long", 20), "evil\x1b[31m\nrentals' ok", "42"
		p := &play{t: t, b: b, registry: Registry{DB: b.DB, Models: func(context.Context) ([]schedule.Entry, error) {
			m := harness.Model(t, b, synced.Synced[thing]{Table: "things", Scope: "owner", Remove: synced.Destroy{Verify: synced.VerifyNever}, Invalid: synced.Quarantine{}})
			return []schedule.Entry{schedule.Every(m, time.Hour, schedule.Fixed(synced.In(bad), synced.In(digits), synced.In(long)))}, nil
		}}}
		b.Server.Collection("things").PutRaw(`{"id":1,"name":"one"}`)
		b.Server.Collection("things").PutRaw(`{"id":2,"name":["two"]}`)
		out, code := p.run("sync", "--jobs", "1")
		require.Equal(t, 0, code, out)
		require.True(t, strings.HasPrefix(out, `things evil\x1b[31m\nrentals' ok: 1 created, 1 in quarantine (1 request, …)`+"\n"), out)
		out, _ = p.run("status")
		lines := strings.Split(out, "\n")
		require.Len(t, lines, 6, out)
		require.Contains(t, lines[1], `things  evil\x1b[31m rentals' ok`)
		require.Contains(t, lines[3], "longlonglonglonglonglongl…  2 hours ago  –     ok     1 in quarantine")
		b.Server.Collection("things").Delete(1)
		b.Server.Collection("things").Delete(2)
		require.NoError(t, exit(p.run("sync", "--full")))
		out, _ = p.run("removals", "list")
		require.Contains(t, out, `--scope 'evil\x1b[31m\nrentals'\'' ok' --plan `)
		require.Contains(t, out, `--scope 42 --plan `)
		out, _ = p.run("__complete", "sync", "--scope", "")
		require.Contains(t, out, "42\n"+long+"\n:4\n")
		require.NotContains(t, out, "evil")

		// A text of digits is a text.
		b.Server.Collection("things").PutRaw(`{"id":2,"name":["two"]}`)
		require.NoError(t, exit(p.run("sync")))
		p.expect(0, "quarantine drop things --scope 42 --all", "things: 1 record dropped")
		p.registry.Models = func(context.Context) ([]schedule.Entry, error) {
			m := harness.Model(t, b, synced.Synced[thing]{Table: "things", Scope: "owner", Invalid: synced.Quarantine{}})
			return []schedule.Entry{schedule.Every(m, time.Hour, schedule.Fixed(synced.In("somebody")))}, nil
		}
		p.expect(0, "forget things --scope 42", "things 42: forgotten")
	})
}

func TestContract_C290_TheLineInATerminal(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.Local)
	var out bytes.Buffer
	clock := at
	p := &progress{out: &out, fd: int(os.Stdin.Fd()), now: func() time.Time { return clock }, what: "rentals 1", began: at, runs: 1}
	nobody := observe.Func(func(ctx context.Context, _ observe.Event) context.Context { return ctx })
	ctx := observe.Tell(observe.With(t.Context(), nobody), observe.RunStarted{Run: observe.Run{Model: "rentals"}})
	require.Equal(t, "rentals 1: 0 records", p.text())
	clock = at.Add(10 * time.Second)
	p.Observe(ctx, observe.PageReceived{Records: 100})
	require.Equal(t, "rentals 1: 100 records, 10/s", p.text())
	p.Observe(ctx, observe.PageReceived{Records: 100, Total: 1000, TotalKnown: true})
	require.Equal(t, "rentals 1: 200 of 1000 records (20%), 20/s, about 40 s left", p.text())
	p.Observe(ctx, observe.RequestMade{Status: 429, Wait: time.Minute})
	require.Equal(t, "rentals 1: 200 of 1000 records (20%), waits until 15:05:15 (429)", p.text())
	p.Observe(ctx, observe.PageReceived{Records: 900, Total: 1000, TotalKnown: true})
	require.NotContains(t, p.text(), "left", "a list that grew has no end that is known")

	// What is left of a pass is not the whole.
	p = &progress{out: &out, now: p.now, what: "rentals 1", began: at, runs: 1, resumed: true}
	p.Observe(ctx, observe.PageReceived{Records: 100, Total: 1000, TotalKnown: true})
	require.Equal(t, "rentals 1: 100 records, 10/s", p.text())

	p = &progress{out: &out, now: p.now, what: "rentals 1", began: at, runs: 4}
	p.Observe(ctx, observe.PageReceived{Records: 50})
	require.Equal(t, "0 of 4 runs, rentals: 50 records, 5/s", p.text())
	out.Reset()
	p.ran(func() { out.WriteString("rentals 1: done\n") })
	require.Equal(t, "\r\x1b[Krentals 1: done\n\r\x1b[K1 of 4 runs, rentals: 50 records, 5/s, about 30 s left", out.String())
	p.end()
	out.Reset()
	p.above(func() { out.WriteString("said\n") })
	require.Equal(t, "said\n", out.String(), "the line is gone")
}
