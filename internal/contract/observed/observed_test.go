package observed_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

// spanKey is where a recorder keeps the path of what is open.
type spanKey struct{}

func span(ctx context.Context) string {
	path, _ := ctx.Value(spanKey{}).(string)
	return path
}

// recorder keeps events as lines: what is open around each, and what it is.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorder) Observe(ctx context.Context, e observe.Event) context.Context {
	line, opens := "", ""
	switch e := e.(type) {
	case observe.RunStarted:
		line = fmt.Sprintf("started %s of %s, %v", e.Run.Call, e.Run.Model, e.Run.Scope)
		opens = "run"
		if e.Run.OfParent {
			opens = "parent"
		}
	case observe.RequestMade:
		line = fmt.Sprintf("asked, %d: %d", e.Attempt, e.Status)
	case observe.PageReceived:
		line = fmt.Sprintf("page %d: %d records", e.Number, e.Records)
	case observe.WriteStarted:
		line, opens = fmt.Sprintf("write page %d", e.Page), "write"
	case observe.WriteEnded:
		line = fmt.Sprintf("wrote %d+%d~%d-", e.Counts.Created, e.Counts.Updated, e.Counts.Removed)
		if e.Err != nil {
			line = "wrote nothing: " + e.Err.Error()
		}
	case observe.RemovalRefused:
		line = fmt.Sprintf("refused %d of %d", e.Refusal.Rows, e.Refusal.Of)
	case observe.Quarantined:
		line = fmt.Sprintf("quarantined %s of %s: %s", e.IDs, e.Model, e.Reason)
	case observe.RunEnded:
		line = fmt.Sprintf("ended %d+%d~%d-", e.Result.Created, e.Result.Updated, e.Result.Removed)
		if e.Err != nil {
			line = "failed: " + e.Err.Error()
		}
	case observe.Trouble:
		line = "trouble: " + strings.Split(e.Err.Error(), "\n")[0]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, strings.TrimSpace(span(ctx)+" "+line))
	if opens == "" {
		return ctx
	}
	return context.WithValue(ctx, spanKey{}, strings.TrimPrefix(span(ctx)+"/"+opens, "/"))
}

// take returns the lines since it was last called, requests apart: they come from other
// goroutines.
func (r *recorder) take() (lines, requests []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		if strings.Contains(line, "asked, ") {
			requests = append(requests, line)
		} else {
			lines = append(lines, line)
		}
	}
	r.lines = nil
	return lines, requests
}

func (r *recorder) events() []string { lines, _ := r.take(); return lines }

func TestContract_C220_ARunIsObserved(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx, seen := context.Background(), &recorder{}
		var handled []string
		b.Put("1", "2", "3", "4")
		d := harness.Rentals()
		d.Remove, d.Invalid, d.Observer = synced.Destroy{}, synced.Quarantine{Limit: 1}, seen
		d.OnChange = func(ctx context.Context, _ store.Tx, _ []synced.Change[harness.Rental]) error {
			run, _ := observe.RunOf(ctx)
			handled = append(handled, fmt.Sprint(span(ctx), " ", run.Call))
			return nil
		}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		lines, requests := seen.take()
		require.Equal(t, []string{
			"started Synchronize of rentals, 1",
			"run page 1: 3 records", "run write page 1", "run/write wrote 3+0~0-",
			"run page 2: 1 records", "run write page 2", "run/write wrote 1+0~0-",
			"run ended 4+0~0-",
		}, lines)
		require.Equal(t, []string{"run asked, 1: 200", "run asked, 1: 200"}, requests)
		require.Equal(t, []string{"run/write Synchronize", "run/write Synchronize"}, handled, "what a handler does is within the write")

		// A record that can't be mapped, and all others gone.
		for id := range 4 {
			b.Server.Collection("rentals").Delete(id + 1)
		}
		b.Server.Collection("rentals").PutRaw(`{"id":5,"name":5}`)
		harness.Sync(t, rentals, synced.In(1), synced.Call{Remove: synced.Destroy{Limit: 0.1}})
		lines = seen.events()
		require.Contains(t, lines, "run/write quarantined [5] of rentals: name: the number 5 does not fit field Name of type string")
		require.Equal(t, "run ended 0+0~4-", lines[len(lines)-1])
		b.Server.Collection("rentals").Delete(5)
		b.Put("1")
		harness.Sync(t, rentals, synced.In(1))
		b.Server.Collection("rentals").Delete(1)
		seen.events()
		harness.Sync(t, rentals, synced.In(1))
		lines = seen.events()
		require.Equal(t, []string{"run refused 1 of 1", "run ended 0+0~0-"}, lines[len(lines)-2:])

		// One that fails, and one that does not even begin.
		b.Server.Fault(remotetest.Fault{Status: 400})
		_, err := rentals.Synchronize(ctx, synced.In(1))
		require.Error(t, err)
		lines, requests = seen.take()
		require.Equal(t, []string{"started Synchronize of rentals, 1", "run failed: " + err.Error()}, lines)
		require.Equal(t, []string{"run asked, 1: 400"}, requests)
		_, err = rentals.Synchronize(ctx, synced.NoScope)
		require.Error(t, err)
		require.Equal(t, []string{"started Synchronize of rentals, <nil>", "run failed: " + err.Error()}, seen.events())
	})
}

// A page tells when the run turned to it and when it came, pages ahead included.
func TestContract_C220_PagesTellWhenTheyCame(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var pages []observe.PageReceived
		b.Put("1", "2", "3", "4", "5", "6", "7")
		d := harness.Rentals()
		d.Observer = observe.Func(func(ctx context.Context, e observe.Event) context.Context {
			if e, ok := e.(observe.PageReceived); ok {
				pages = append(pages, e)
			}
			return ctx
		})
		rentals := harness.Model(t, b, d)
		for _, call := range []synced.Call{{}, {Commit: synced.Atomic{}}, {DryRun: true}} {
			pages = nil
			before := time.Now()
			harness.Sync(t, rentals, synced.In(1), call)
			require.Len(t, pages, 3)
			for _, p := range pages {
				require.False(t, p.Asked.Before(before), "page %d was asked for after the one before had come", p.Number)
				require.True(t, p.Came.After(p.Asked))
				before = p.Came
			}
			require.True(t, before.Before(time.Now()))
		}
	})
}

// Every call is observed, and what others write within it is their own.
func TestContract_C220_EachCallIsObserved(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx, seen := context.Background(), &recorder{}
		b.Put("1", "2")
		d := harness.Rentals()
		d.Remove, d.Observer = synced.Destroy{}, seen
		rentals := harness.Model(t, b, d)
		one := func(err error, call string, rest ...string) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, append([]string{"started " + call + " of rentals, 1"}, rest...), seen.events())
		}
		_, err := rentals.SyncOne(ctx, synced.In(1), 1)
		one(err, "SyncOne", "run write page 0", "run/write wrote 1+0~0-", "run ended 1+0~0-")
		diff, err := rentals.Check(ctx, synced.In(1))
		one(err, "Check", "run page 1: 2 records", "run ended 0+0~0-")
		for _, err := range rentals.Differences(ctx, synced.In(1)) {
			require.NoError(t, err)
		}
		one(nil, "Differences", "run page 1: 2 records", "run ended 0+0~0-")
		_, err = rentals.Synchronize(ctx, synced.In(1), synced.Call{DryRun: true})
		one(err, "DryRun", "run page 1: 2 records", "run ended 0+0~0-")
		_, err = rentals.Apply(ctx, synced.In(1), diff)
		one(err, "Apply", "run write page 0", "run/write wrote 1+0~0-", "run ended 1+0~0-")
		d.MapVersion = 2
		rentals = harness.Bind(t, b, d)
		_, err = rentals.Remap(ctx, synced.In(1))
		one(err, "Remap", "run write page 0", "run/write wrote 0+0~0-", "run ended 0+0~0-")
		_, err = rentals.Synchronize(ctx, synced.In(1), synced.Call{Commit: synced.Atomic{}})
		one(err, "Synchronize", "run page 1: 2 records", "run write page 0", "run/write wrote 0+0~0-", "run ended 0+0~0-")

		b.Server.Collection("rentals").Delete(1)
		b.Server.Collection("rentals").Delete(2)
		refused := harness.Sync(t, rentals, synced.In(1)).Refused
		seen.events()
		_, err = rentals.ApproveRemoval(ctx, synced.In(1), refused.Plan)
		one(err, "ApproveRemoval", "run write page 0", "run/write wrote 0+0~2-", "run ended 0+0~2-")
	})
}

// The run of each parent lies within that of all of them.
func TestContract_C220_ParentsAreObserved(t *testing.T) {
	type repo struct {
		ID       int64 `db:"id"`
		SyncedID int64 `json:"id" db:"synced_id"`
	}
	type issue struct {
		SyncedID int64 `json:"number" db:"synced_id"`
		RepoID   int64 `db:"repo_id"`
	}
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		seen := &recorder{}
		b.Server.Collection("repos").Put(remotetest.Record{"id": 1}, remotetest.Record{"id": 2})
		b.Server.Collection("repos/1/issues").PutRaw(`{"id":1,"number":7}`)
		repos := harness.Model(t, b, synced.Synced[repo]{Table: "repos", Strategy: strategy.Full{}})
		issues := harness.Model(t, b, synced.Synced[issue]{Table: "issues", Scope: "repo_id", Observer: seen, Log: slog.New(slog.DiscardHandler),
			PerParent: synced.Each(repos, "repos/{synced_id}/issues", synced.EachOptions{InFlight: 1})})
		_, err := repos.Synchronize(t.Context(), synced.NoScope)
		require.NoError(t, err)
		_, err = issues.Synchronize(t.Context(), synced.NoScope)
		require.NoError(t, err, "the second list is not there, as the first shows")
		lines, requests := seen.take()
		require.Equal(t, []string{
			"started Synchronize of issues, <nil>",
			"run started Synchronize of issues, 1", "run/parent page 1: 1 records", "run/parent write page 1", "run/parent/write wrote 1+0~0-", "run/parent ended 1+0~0-",
			"run started Synchronize of issues, 2",
		}, lines[:7])
		require.Contains(t, lines[7], "run/parent failed: synced: issues (repo_id 2): ")
		require.Equal(t, "run ended 1+0~0-", lines[8])
		require.Contains(t, requests, "run/parent asked, 1: 404")
	})
}
