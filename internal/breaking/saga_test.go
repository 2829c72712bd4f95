package breaking_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote/remotetest"
)

// saga is what happens to a town: edits of the remote, before, between and during pages;
// edits by the service; every call; kills, and stops of the server. After each deed
// nothing is gone that exists remotely; after a quiet pass the tables equal the
// reference.
type saga struct {
	ways
	t             *testing.T
	r             *rand.Rand
	kind, address string
	db            backend.Store
	town          *town
	srv           *remotetest.Server
	server        *testdb.Server // that may be stopped, or nil
	apis          apis
	districts     [3]*district
	told          told
	// since is the tick when the pass began that a run may resume, by model and account.
	since map[string]int
	diffs []deed // that apply what checks found
	// edited says of an account that the service changed what follows from others.
	edited [3]bool
	// untied are homes, by account and id, whose streets the service took from them: one that
	// can't be mapped stays so.
	untied map[[2]int]bool
	kills  int
	// stopped says that the server was, and must be started again.
	stopped bool

	events atomic.Int64 // statements left until cut is called
	cut    atomic.Pointer[context.CancelFunc]
}

// begin draws a town and its remote.
func begin(t *testing.T, r *rand.Rand, kind, address string, server *testdb.Server) *saga {
	l := listings[r.IntN(len(listings))]
	s := &saga{t: t, r: r, kind: kind, address: address, server: server, since: map[string]int{}, untied: map[[2]int]bool{}, told: told{rows: map[string]string{}}}
	s.ways = ways{
		Listing: l.name, Full: r.IntN(2) == 0,
		Remove:      []string{"destroy", "destroy", "cancel"}[r.IntN(3)],
		Verify:      []synced.Verify{synced.VerifyShifting, synced.VerifyAlways, synced.VerifyNever}[r.IntN(3)],
		Commit:      []string{"page", "noted", "atomic"}[r.IntN(3)],
		Version:     r.IntN(3) == 0,
		Fetch:       r.IntN(3) == 0,
		PerRecord:   r.IntN(6) == 0,
		Conditional: r.IntN(4) == 0,
		Tombstones:  r.IntN(4) == 0,
	}
	s.Own = r.IntN(6) == 0
	s.Keys = kind == "postgres" && !s.Own && r.IntN(3) == 0
	homes, perPage := 2+r.IntN(11), 3
	if r.IntN(12) == 0 {
		homes, perPage = 60+r.IntN(60), 20
	}
	s.srv = s.serve(l, perPage, r.IntN(3) == 0)
	t.Cleanup(s.srv.Close)
	for account := 1; account <= 2; account++ {
		d := newDistrict(s.srv.Account(citizens(account)))
		s.districts[account] = d
		for id := 1; id <= 3; id++ {
			d.settle(id)
		}
		for id := 1; id <= homes; id++ {
			d.build(r, id)
		}
		homes = 3
	}
	s.open()
	ctx := context.Background()
	var err error
	s.apis, err = s.clients(s.srv.URL(), s.srv.Client())
	require.NoError(t, err)
	s.town, err = s.make(ctx, s.db, s.apis)
	require.NoError(t, err)
	if s.Keys {
		for _, key := range foreignKeys {
			execute(t, s.db, key)
		}
	}
	t.Logf("%+v", s.ways)
	s.plant()
	return s
}

// open opens the database, with its statements watched.
func (s *saga) open() {
	db, done, err := watched(context.Background(), s.kind, s.address, func() {
		if s.events.Add(-1) == 0 {
			if cut := s.cut.Load(); cut != nil {
				(*cut)()
			}
		}
	})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, done()) })
	s.db = db
}

// plant makes rows that no run may touch: without a remote id, and of an account that
// never runs.
func (s *saga) plant() {
	for _, row := range []string{"1, NULL", "9, 1", "9, 2"} {
		execute(s.t, s.db, "INSERT INTO streets (account_id, synced_id, name, notes) VALUES ("+row+", 'planted', 'ours')")
		execute(s.t, s.db, "INSERT INTO homes (account_id, synced_id, name, label, notes, updated_at) VALUES ("+row+", 'planted', '', 'ours', '2026-01-01T00:00:00Z')")
		execute(s.t, s.db, "INSERT INTO chambers (account_id, synced_id, home_id, name, notes) SELECT "+row+", max(id), 'planted', 'ours' FROM homes")
		execute(s.t, s.db, "INSERT INTO beds (account_id, synced_id, chamber_id, name, notes) SELECT "+row+", max(id), 'planted', 'ours' FROM chambers")
	}
}

// mishap is what happens during a deed.
type mishap struct {
	edits  map[int]int // how many edits come before a request, counted from 1
	beside map[int][]deed
	// hollow lists are empty, though they have records.
	hollow bool
	// cut cancels the context at a statement, request kills at a request, alone is done by
	// another process, which is killed at a statement. 0 is never.
	cut, request int64
	alone        bool
	stop         int // stop the server before a request
}

func (x mishap) calm() bool {
	return x.edits == nil && x.beside == nil && !x.hollow && x.cut == 0 && x.request == 0 && !x.alone && x.stop == 0
}

func (x mishap) String() string {
	var list []string
	add := func(is bool, format string, args ...any) {
		if is {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	add(x.edits != nil, "edits %v", x.edits)
	add(x.hollow, "an empty list")
	add(x.cut > 0, "ends at statement %d", x.cut)
	add(x.request > 0, "ends at request %d", x.request)
	add(x.alone, "by another process")
	add(x.stop > 0, "the server stops at request %d", x.stop)
	return strings.Join(append([]string{""}, list...), ", ")
}

// act does a deed amid mishaps, and judges what it did.
func (s *saga) act(d deed, x mishap) (synced.Result, error) {
	before := take(s.t, s.db)
	started := s.districts[d.Account].tick
	key := fmt.Sprint(d.Model, d.Account)
	since := started
	if old, is := s.since[key]; is && d.whole() {
		since = old
	}
	all := []deed{d}
	for _, beside := range x.beside {
		all = append(all, beside...)
	}
	for _, b := range all {
		if b.Kind == "apply" && b.Account == d.Account {
			since = min(since, b.since)
		}
	}

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	running, cut := context.WithCancel(ctx)
	defer cut()
	end := s.mishap(running, cut, x)
	var result synced.Result
	var err error
	if x.alone {
		err = s.alone(running, d, x)
	} else {
		s.cut.Store(&cut)
		s.events.Store(x.cut)
		result, err = d.do(running, s.town)
		s.events.Store(0)
		s.cut.Store(nil)
	}
	end()
	require.NoError(s.t, ctx.Err(), "%s hangs", d)
	if s.stopped {
		s.server.Restart()
		s.stopped = false
	}
	s.t.Logf("%s%s: %s; error: %v", d, x, result, err)
	if x.calm() && !d.expected(err) && !(s.Fetch && unproven(err)) {
		if !errors.Is(err, synced.ErrRunning) || s.kills == 0 {
			require.NoError(s.t, err)
		}
	}
	s.judge(all, x, before, since)
	switch {
	case (err != nil || result.Stopped != "") && d.whole():
		s.since[key] = since
	case d.Kind == "full" || d.Kind == "run" && s.Full:
		delete(s.since, key)
	}
	if err == nil && result.Diff != nil && (d.Kind == "check" || d.Kind == "dry run") {
		text, err := json.Marshal(result.Diff)
		require.NoError(s.t, err)
		applied := deed{Kind: "apply", Model: d.Model, Account: d.Account, Diff: &synced.Diff{}, since: started}
		require.NoError(s.t, json.Unmarshal(text, applied.Diff))
		s.diffs = append(s.diffs, applied)
	}
	return result, err
}

// mishap prepares what happens with the requests of a deed. It returns what ends it.
func (s *saga) mishap(ctx context.Context, cut func(), x mishap) func() {
	var mu sync.Mutex // held while the world changes
	var busy, over atomic.Bool
	requests := 0
	if x.hollow {
		s.srv.SetQuirks(remotetest.Quirks{Hidden: func(remotetest.Record) bool { return true }})
	}
	s.srv.OnRequest(func(remotetest.Request) {
		if !busy.CompareAndSwap(false, true) {
			return // of a deed beside
		}
		defer busy.Store(false)
		mu.Lock()
		defer mu.Unlock()
		if over.Load() {
			return
		}
		requests++
		for range x.edits[requests] {
			s.edit()
		}
		for _, b := range x.beside[requests] {
			result, err := b.do(ctx, s.town)
			s.t.Logf("beside, before request %d: %s: %s; error: %v", requests, b, result, err)
		}
		if x.stop == requests {
			s.server.Crash()
			s.stopped = true
		}
		if x.request == int64(requests) {
			cut()
		}
	})
	return func() {
		over.Store(true)
		mu.Lock()
		defer mu.Unlock()
		s.srv.OnRequest(nil)
		if x.hollow {
			s.srv.SetQuirks(remotetest.Quirks{ETag: s.Conditional})
		}
	}
}

// edit changes something at the remote.
func (s *saga) edit() {
	account := 1 + s.r.IntN(8)/7
	if what := s.districts[account].edit(s.r); what != "" {
		s.t.Logf("remote %d: %s", account, what)
	}
}

// alone has a process of its own do it.
func (s *saga) alone(ctx context.Context, d deed, x mishap) error {
	text, err := json.Marshal(errand{deed: d, Ways: s.ways, Store: s.kind, Database: s.address, API: s.srv.URL(), Event: x.cut})
	require.NoError(s.t, err)
	program, err := os.Executable()
	require.NoError(s.t, err)
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, taskVariable) }), deedVariable+"="+string(text))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	s.kills++
	s.t.Logf("alone: %s", strings.TrimSpace(out.String()))
	require.NotContains(s.t, out.String(), "panic:")
	if s.kind == "postgres" { // which may still be at the last statement of a client that is gone
		require.Eventually(s.t, func() bool {
			return list(s.t, s.db, "SELECT 1, 1, 'x' FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND state IS DISTINCT FROM 'idle' AND pid <> pg_backend_pid()")["1/1"] == nil
		}, 30*time.Second, time.Millisecond)
	}
	return err
}
