package breaking_test

import (
	"context"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

const perPage = 10

// victim is a program that is killed, with its database and its remote.
type victim struct {
	task      task
	program   string
	temporary string
	srv       *remotetest.Server
	rows      int // that a run fetches at most

	// before is what the tables held before the first attempt, at the stored time
	// stored, and after what they are to hold.
	before, after families
	stored        time.Time
	replica       *replica
	runs          int // of the program
	// position is where a pass is to go on that was killed, "" at the beginning, and
	// began the run that began it.
	position string
	began    int
}

// newVictim prepares a case: the first run of a scope, one that fetches changes,
// a full one that also removes, one with more than memory or a small disk holds, and one that
// makes its own tables. Another scope, a row without a remote id and the service's own
// notes lie beside, and must stay.
func newVictim(t *testing.T, r *rand.Rand, kind, address string, s settings, when string) *victim {
	t.Helper()
	ctx := context.Background()
	n := 45 + r.IntN(20)
	v := &victim{temporary: t.TempDir(), srv: newRemoteOf(t, r, n, perPage, s), before: families{}, after: families{}, replica: newReplica()}
	remote := v.srv.Collection("villas")
	v.task = task{settings: s, Store: kind, Database: address, API: v.srv.URL(), Files: v.srv.Files(), Token: token, Scope: 1, Create: when == "create"}
	var err error
	v.program, err = os.Executable()
	require.NoError(t, err)

	others := families{}
	if when != "create" {
		db, done, err := open(ctx, kind, v.task.Database)
		require.NoError(t, err)
		require.NoError(t, create(ctx, db))
		m, err := bind(db, s)
		require.NoError(t, err)
		other := v.srv.Account("token-of-account-2")
		fill(other.Collection("villas"), r, 12)
		_, err = m.Synchronize(ctx, synced.In(2), synced.Call{API: clientOf(t, v.srv, other.Token(), s)})
		require.NoError(t, err)
		others = expected(t, 2, other.Collection("villas"))
		execute(t, db, "INSERT INTO villas (account_id, name, label, notes) VALUES (1, 'nobody''s', '', 'mine')")
		if when != "first" {
			_, err = m.Synchronize(ctx, synced.In(1), synced.Call{API: clientOf(t, v.srv, token, s)})
			require.NoError(t, err)
			execute(t, db, "UPDATE villas SET notes = 'mine' WHERE account_id = 1 AND synced_id < 5")
			edit(v.srv, remote, r)
		}
		v.before = read(t, db)
		v.stored = storedTime(t, db)
		require.NoError(t, done())
	}
	switch when {
	case "spool":
		heavy(remote, r, 250_000) // past 2 MiB the spool is a file
	case "large":
		heavy(remote, r, 50_000)
	}
	v.rows = remote.Len()
	v.after = others.with(expected(t, 1, remote))
	return v
}

// storedTime is the newest stored time of scope 1, zero where there is none.
func storedTime(t testing.TB, db backend.Store) (at time.Time) {
	t.Helper()
	each(t, db, "SELECT synced_at FROM synced_times WHERE scope_id = '1' ORDER BY synced_at", func(rows store.Rows) error {
		var value any
		if err := rows.Scan(&value); err != nil {
			return err
		}
		var err error
		switch v := value.(type) {
		case time.Time:
			at = v.UTC()
		case string:
			at, err = time.Parse(time.RFC3339Nano, v)
		}
		return err
	})
	return at
}

// sample opens the database when no other process uses it, as a process does that
// starts after a crash, and reads it.
func (v *victim) sample(t *testing.T) (now families, stored time.Time) {
	t.Helper()
	ctx := context.Background()
	db, done, err := open(ctx, v.task.Store, v.task.Database)
	require.NoError(t, err)
	defer func() { require.NoError(t, done()) }()
	if v.task.Store == "postgres" {
		// The server may still be at the last statement of a client that is gone.
		require.Eventually(t, func() bool {
			var others int64
			each(t, db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND state IS DISTINCT FROM 'idle' AND pid <> pg_backend_pid()", func(rows store.Rows) error {
				return rows.Scan(&others)
			})
			return others == 0
		}, 30*time.Second, time.Millisecond)
	}
	if v.task.Create {
		for _, table := range []string{"villas", "photos", "villas_translations", "synced_changes"} {
			found, err := db.Describe(ctx, table)
			require.NoError(t, err)
			if len(found.Columns) == 0 {
				return families{}, time.Time{}
			}
		}
	}
	v.replica.follow(t, db)
	if v.task.Stable {
		v.position = strings.Join(names(t, db, "SELECT position FROM synced_passes WHERE scope_id = '1'"), " ")
	}
	if !v.task.Create {
		require.Equal(t, []string{"nobody's"}, names(t, db, "SELECT name FROM villas WHERE synced_id IS NULL"))
		for id := range 5 {
			if k := key(1, id); v.before[k] != "" && v.after[k] != "" {
				require.Equal(t, []string{"mine"}, names(t, db, "SELECT notes FROM villas WHERE account_id = 1 AND synced_id = ?", id), k)
			}
		}
	}
	return read(t, db), storedTime(t, db)
}

// check looks at what a killed process left. Each villa, with all that belongs
// to it, is as before or as the run leaves it, but photos that go may still be there;
// all of them are alike in an atomic run; one
// that exists remotely has not gone; the time moves together with the last row;
// the outbox tells how the tables came to be what they are.
func (v *victim) check(t *testing.T) {
	t.Helper()
	now, stored := v.sample(t)
	for k := range v.before.with(v.after).with(now) {
		if v.before[k] != "" && v.after[k] != "" && now[k] == "" {
			figures.wrong.Add(1)
			t.Errorf("%s was removed, and exists remotely", k)
		}
		if now[k] != v.before[k] && now[k] != v.after[k] && !dropping(v.before[k], v.after[k], now[k]) {
			t.Errorf("%s is neither as before nor as the run leaves it:\nbefore %q\nafter %q\nnow %q", k, v.before[k], v.after[k], now[k])
		}
	}
	finished := v.after.diff(now) == ""
	if v.task.Atomic {
		require.True(t, finished || v.before.diff(now) == "", "an atomic run was committed in part:\n%s", v.after.diff(now))
	}
	if !stored.Equal(v.stored) {
		require.True(t, finished, "the time moved before the last row:\n%s", v.after.diff(now))
	}
	v.leftovers(t)
}

// leftovers counts what killed processes left in the folder for temporary files.
// A spool no longer has a name once it is open, so it can be an empty file only.
func (v *victim) leftovers(t *testing.T) {
	t.Helper()
	files, err := os.ReadDir(v.temporary)
	require.NoError(t, err)
	for _, file := range files {
		info, err := file.Info()
		require.NoError(t, err)
		require.Zero(t, info.Size(), file.Name())
	}
	figures.leftover.Add(int64(len(files)))
}

// done runs the program to its end, and then everything must be as if it had
// never been killed.
func (v *victim) done(t *testing.T) {
	t.Helper()
	o, dead := v.run(t, v.task, kill{})
	require.False(t, dead)
	require.Empty(t, o.Error)
	v.asked(t, o, dead)
	stored := v.settled(t)
	if !v.task.Full {
		log := v.srv.Log()
		first := slices.IndexFunc(log, func(r remotetest.Request) bool { return r.Header.Get(runHeader) == strconv.Itoa(v.began) })
		require.Equal(t, log[first].At.Truncate(time.Second), stored, "the time of the first page is stored")
	}
	v.leftovers(t)
}

// asked looks at what the last run asked for: a pass that goes on begins where the
// one before has noted, whatever it had asked for, and asks for nothing before that.
func (v *victim) asked(t *testing.T, o outcome, dead bool) {
	t.Helper()
	log := slices.DeleteFunc(v.srv.Log(), func(r remotetest.Request) bool { return r.Header.Get(runHeader) != strconv.Itoa(v.runs) })
	if len(log) == 0 {
		return // it was killed before
	}
	if v.position == "" {
		require.Empty(t, log[0].Query.Get("cursor"))
		require.False(t, o.Resumed)
		v.began = v.runs
		return
	}
	position, err := url.Parse(v.position)
	require.NoError(t, err)
	require.NotEmpty(t, position.Query().Get("cursor"))
	require.Equal(t, position.Query().Get("cursor"), log[0].Query.Get("cursor"))
	for _, r := range log {
		require.GreaterOrEqual(t, r.Page, log[0].Page)
	}
	require.True(t, dead || o.Resumed, o.Result)
	figures.resumed.Add(1)
	if !dead {
		v.position = ""
		figures.joined.Add(1)
	}
	figures.spared.Add(int64(log[0].Page - 1))
}

// settled checks that nothing is lost. It returns the stored time.
func (v *victim) settled(t *testing.T) time.Time {
	t.Helper()
	now, stored := v.sample(t)
	for k := range v.after {
		if now[k] == "" {
			figures.lost.Add(1)
		}
	}
	require.Empty(t, v.after.diff(now))
	return stored
}

// model is the victim's model in the test's own process.
func (v *victim) model(t *testing.T) *synced.Model[Villa] {
	t.Helper()
	m, err := bind(opened(t, v.task.Store, v.task.Database), v.task.settings)
	require.NoError(t, err)
	return m
}

// finish synchronizes undisturbed in the test's own process.
func (v *victim) finish(t *testing.T, m *synced.Model[Villa]) {
	t.Helper()
	_, err := m.Synchronize(context.Background(), synced.In(1), synced.Call{API: client(t, v.srv, token)})
	require.NoError(t, err)
	v.settled(t)
}

// names reads the only column of a query, text.
func names(t testing.TB, db backend.Store, sql string, args ...any) []string {
	t.Helper()
	found := []string{}
	require.NoError(t, store.Each(context.Background(), db, squirrel.Expr(sql, args...), func(rows store.Rows) error {
		var text string
		err := rows.Scan(&text)
		found = append(found, text)
		return err
	}))
	return found
}
