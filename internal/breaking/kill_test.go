package breaking_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

// number reads a number from the environment.
func number(t testing.TB, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, variable)
	return n
}

// figures are what the killing came to, in all.
var figures struct {
	cases, kills, lost, wrong, leftover atomic.Int64
	// resumed are the runs that went on where a killed one was, joined those of them
	// that ended, and spared the pages that they did not ask for again.
	resumed, joined, spared atomic.Int64
}

// TestKilled kills a program at points of chance and runs it again until it
// finishes: C22, C43, C60 to C64, C72. See victim.check for what must hold
// between, and victim.done for what in the end.
//
// A run that was killed is continued, rather than done again, where the API's pages
// stay put: there, each case is killed once after a page is noted, and must be.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills := int(number(t, "SYNCED_KILLS", 20))
	base := number(t, "SYNCED_SEED", rand.Uint64())
	t.Logf("SYNCED_SEED=%d", base)
	var stable atomic.Int64 // kills that leave something to resume
	t.Cleanup(func() {
		t.Logf("%d cases, %d kills: rows lost %d, wrong removals %d, temporary files left %d; %d runs resumed, %d of them to the end, %d pages not asked for again",
			figures.cases.Load(), figures.kills.Load(), figures.lost.Load(), figures.wrong.Load(), figures.leftover.Load(),
			figures.resumed.Load(), figures.joined.Load(), figures.spared.Load())
		if !t.Failed() && stable.Load() > 0 {
			require.Positive(t, figures.resumed.Load(), "no run was resumed")
		}
	})
	all := combinations(kills)
	for i, c := range all {
		share := kills / len(all)
		if i < kills%len(all) {
			share++
		}
		t.Run(c.store+", "+c.String()+", "+c.when, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(base, uint64(i)))
			events := int64(200) // about what a run has
			if c.Stable {
				stable.Add(int64(share))
			}
			for share > 0 {
				share -= killSome(t, r, c, share, &events)
			}
		})
	}
}

// combination is where and when programs are killed.
type combination struct {
	settings
	store, when string
}

// combinations are those of the stores, the commit modes and what a run does. Only
// an atomic run has a spool, and its 12 MB take their time: with few kills, one
// store is enough.
func combinations(kills int) []combination {
	var all []combination
	for _, store := range []string{"sqlite", "postgres"} {
		for _, when := range []string{"first", "full"} {
			all = append(all, combination{settings{Full: when == "full", Stable: true}, store, when})
		}
		all = append(all, combination{settings{Full: true, Export: true}, store, "full"})
		for _, atomic := range []bool{false, true} {
			for _, when := range []string{"first", "changes", "full", "create", "spool"} {
				if when == "spool" && (!atomic || store == "postgres" && kills < 100) {
					continue
				}
				all = append(all, combination{settings{Atomic: atomic, Full: when == "full"}, store, when})
			}
		}
	}
	return all
}

// killSome is one case. It returns how many processes were killed in it, up to
// limit.
func killSome(t *testing.T, r *rand.Rand, c combination, limit int, events *int64) int {
	v := newVictim(t, r, c.store, database(t, c.store), c.settings, c.when)
	figures.cases.Add(1)
	killed := 0
	for range min(limit, 1+r.IntN(3)) {
		o, dead := v.attempt(t, r, *events)
		v.asked(t, o, dead)
		if !dead {
			require.Empty(t, o.Error)
			*events = o.Events
			break
		}
		killed++
		// Now and then, the next one begins while the database still clears up.
		if c.Stable || r.IntN(3) > 0 {
			v.check(t)
		}
	}
	figures.kills.Add(int64(killed))
	v.done(t)
	return killed
}

// attempt runs the program and kills it: after a request, at a statement, or soon
// after it began. It says whether it was killed.
func (v *victim) attempt(t *testing.T, r *rand.Rand, events int64) (outcome, bool) {
	t.Helper()
	todo := v.task
	micros := time.Duration(r.IntN(3000)) * time.Microsecond
	point := kill{}
	switch chance := r.IntN(10); {
	case v.task.Stable && v.runs == 0:
		point.request, point.after = 3+r.IntN(3), micros // the first page is noted by the third request
	case v.task.Create && chance < 3:
		point.begun, point.after = true, 10*micros
	case v.task.Create || chance < 6:
		todo.Event, todo.Micros = 1+r.Int64N(max(1, events)), int64(r.IntN(2)*r.IntN(2000))
	default:
		point.request, point.after = 1+r.IntN(max(1, (v.rows+perPage-1)/perPage)), micros
	}
	return v.run(t, todo, point)
}

// kill is when the test kills the program: so long after a request, counted from
// 1, or after it began.
type kill struct {
	request int
	begun   bool
	after   time.Duration
}

// run runs the program once. It says whether it was killed.
func (v *victim) run(t *testing.T, todo task, point kill) (outcome, bool) {
	t.Helper()
	v.runs++
	todo.Run = v.runs
	text, err := json.Marshal(todo)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, v.program)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "TMPDIR=") }),
		taskVariable+"="+string(text), "TMPDIR="+v.temporary)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)

	requests := make(chan struct{}, 1)
	var count atomic.Int64
	v.srv.OnRequest(func(r remotetest.Request) {
		if r.Header.Get(runHeader) == strconv.Itoa(todo.Run) && count.Add(1) == int64(point.request) {
			requests <- struct{}{}
		}
	})
	defer v.srv.OnRequest(nil)
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	killer := make(chan struct{})
	begun := make(chan struct{})
	go func() {
		defer close(killer)
		select {
		case <-requests:
		case <-begun:
		case <-ended:
			return
		}
		time.Sleep(point.after)
		_ = cmd.Process.Kill()
	}()
	lines := bufio.NewReader(stdout)
	_, _ = lines.ReadString('\n')
	if point.begun {
		close(begun)
	}
	last, _ := io.ReadAll(lines)
	close(ended)
	<-killer
	err = cmd.Wait()
	require.NoError(t, ctx.Err(), "the program did not end")
	if err != nil && !cmd.ProcessState.Exited() {
		return outcome{}, true
	}
	var o outcome
	require.NoError(t, json.Unmarshal(last, &o), "%v: %s%s", err, last, &stderr)
	return o, false
}
