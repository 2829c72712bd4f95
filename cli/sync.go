package cli

import (
	"context"
	"fmt"
	"sync"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/strategy"
)

// syncJSON is how a run went.
type syncJSON struct {
	Model  string `json:"model"`
	Scope  string `json:"scope,omitempty"`
	Parent bool   `json:"parent,omitzero"`

	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Removed   int `json:"removed"`
	Restored  int `json:"restored"`

	Records  int     `json:"records"`
	Requests int     `json:"requests"`
	Bytes    int64   `json:"bytes"`
	Seconds  float64 `json:"seconds"`

	Resumed   bool         `json:"resumed,omitzero"`
	Stopped   string       `json:"stopped,omitempty"`
	NotStored string       `json:"not_stored,omitempty"`
	Gone      bool         `json:"gone,omitzero"`
	Refused   *refusalJSON `json:"refused,omitempty"`
	Diff      *synced.Diff `json:"diff,omitempty"`
	Error     string       `json:"error,omitempty"`
}

type refusalJSON struct {
	Rows   int    `json:"rows"`
	Of     int    `json:"of"`
	Reason string `json:"reason"`
	Plan   string `json:"plan,omitempty"`
}

func resultJSON(t target, r synced.Result, err error) syncJSON {
	j := syncJSON{
		Model: t.Name(), Scope: t.scope.String(), Parent: t.parent,
		Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged, Removed: r.Removed, Restored: r.Restored,
		Records: r.Records, Requests: r.Requests, Bytes: r.Bytes, Seconds: r.Duration.Seconds(),
		Resumed: r.Resumed, Stopped: r.Stopped, NotStored: r.NotStored, Gone: r.Gone, Diff: r.Diff,
	}
	if r.Refused != nil {
		j.Refused = &refusalJSON{r.Refused.Rows, r.Refused.Of, r.Refused.Reason, r.Refused.Plan}
	}
	if err != nil {
		j.Error = err.Error()
	}
	return j
}

func syncCommand(a *app) *cobra.Command {
	var at *where
	var o syncOptions
	var full bool
	var ids []string
	cmd := a.ofModels("sync", "Bring models up to date: all, or what is named", func(cmd *cobra.Command, args []string) error {
		list, err := a.targets(cmd.Context(), args, at)
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			if o.DryRun || full || len(args) == 0 || len(list) != 1 {
				return fmt.Errorf("--id is for one model and scope: name them, and leave out --full and --dry-run")
			}
			return a.syncRecords(cmd.Context(), list[0], ids, o.AllowRemoval)
		}
		if o.jobs < 1 {
			return fmt.Errorf("--jobs %d: give at least 1", o.jobs)
		}
		if full {
			o.Strategy = strategy.Full{}
		}
		if o.DryRun {
			if list, err = eachParent(cmd.Context(), list); err != nil {
				return err
			}
		}
		return a.synchronize(cmd.Context(), list, o)
	})
	at = a.scoped(cmd).parented(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&full, "full", false, "ask for everything, not for what changed")
	flags.BoolVar(&o.DryRun, "dry-run", false, "print what would be done, write nothing")
	flags.BoolVar(&o.AllowRemoval, "allow-removal", false, "remove also more rows than the limit, or all")
	flags.DurationVar(&o.Wait, "wait", 0, "how long to wait for another run of the same model and scope")
	flags.StringArrayVar(&ids, "id", nil, "only the record with this remote `id`; may be given more than once")
	flags.IntVar(&o.jobs, "jobs", 4, "how many scopes to run at once")
	flags.BoolVar(&o.keepGoing, "keep-going", false, "run also models that are listed for each row of one whose run failed")
	return cmd
}

// syncOptions are how sync runs.
type syncOptions struct {
	synced.Call
	jobs      int
	keepGoing bool
}

// manyRuns is more than a terminal should show a line each of.
const manyRuns = 10

// synchronize runs targets, and tells how each went.
func (a *app) synchronize(ctx context.Context, list []target, o syncOptions) error {
	p := a.progress(list)
	ctx, s := a.listen(ctx, p, !o.DryRun)
	defer s.end()
	if !o.DryRun {
		o.Stop = s.soft
	}
	if p.shows() && len(list) == 1 {
		before, err := list[0].Freshness(ctx, list[0].scope)
		p.resumed = err == nil && !before.UnfinishedPass.IsZero()
	}
	ctx = observe.With(ctx, p)
	t := tally{app: a, of: len(list), brief: p.shows() && len(list) > manyRuns}
	failed := failures{}
	run := func(one target) {
		result, err := one.Synchronize(ctx, one.scope, o.Call)
		p.ran(func() {
			t.tell(one, result, err)
			if parents := result.Parents; err != nil && parents.Asked == parents.Failed {
				failed.add(one)
			}
		})
	}
	for len(list) > 0 && !s.stopped() { // parents are done before their children begin
		n := 1
		for n < len(list) && list[n].Name() == list[0].Name() {
			n++
		}
		var some []target
		for _, one := range list[:n] {
			if parent := failed.parentOf(one); parent == "" || o.keepGoing {
				some = append(some, one)
			} else {
				p.ran(func() { t.leaveOut(one, parent) })
				failed.add(one)
			}
		}
		beside(some, o.jobs, s, run)
		list = list[n:]
	}
	p.end()
	return t.end()
}

// failures are the models whose runs failed, by scope: as with [synced.Together], what is
// listed for each of their rows is left out.
type failures map[[2]string]bool

func (f failures) add(t target) { f[[2]string{t.Name(), t.scope.String()}] = true }

// parentOf returns the parent of a target that failed; "" where none did.
func (f failures) parentOf(t target) string {
	if !t.PerParent() || t.parent {
		return ""
	}
	parent := t.Parents()[0]
	if f[[2]string{parent, t.scope.String()}] {
		return parent
	}
	return ""
}

// beside runs targets, some at once, until the operator stops them.
func beside(list []target, jobs int, s *stopper, run func(target)) {
	var wg sync.WaitGroup
	free := make(chan struct{}, jobs)
	for _, t := range list {
		free <- struct{}{}
		if s.stopped() {
			break
		}
		wg.Go(func() {
			defer func() { <-free }()
			run(t)
		})
	}
	wg.Wait()
}

// syncRecords brings single records in step.
func (a *app) syncRecords(ctx context.Context, one target, ids []string, allow bool) error {
	ctx, s := a.listen(ctx, &progress{}, false)
	defer s.end()
	t := tally{app: a, of: len(ids)}
	for _, id := range ids {
		result, err := one.SyncOne(ctx, one.scope, keyOf(id), synced.Call{AllowRemoval: allow})
		t.tell(one, result, err)
	}
	return t.end()
}
