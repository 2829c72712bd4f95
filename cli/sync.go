package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

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
	var full, dry, allow bool
	var wait time.Duration
	var ids []string
	var jobs int
	cmd := a.ofModels("sync", "Bring models up to date, every scope of all of them or those that are named", func(cmd *cobra.Command, args []string) error {
		list, err := a.targets(cmd.Context(), args, at)
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			if dry || full || len(args) == 0 || len(list) != 1 {
				return fmt.Errorf("--id is for one model and scope, without --full and --dry-run")
			}
			return a.syncRecords(cmd.Context(), list[0], ids, allow)
		}
		if jobs < 1 {
			return fmt.Errorf("--jobs %d: give at least 1", jobs)
		}
		call := synced.Call{DryRun: dry, Wait: wait, AllowRemoval: allow}
		if full {
			call.Strategy = strategy.Full{}
		}
		return a.synchronize(cmd.Context(), list, call, jobs)
	})
	at = a.scoped(cmd).parented(cmd)
	cmd.Flags().BoolVar(&full, "full", false, "ask for everything, not for what changed")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "print what would be done, write nothing")
	cmd.Flags().BoolVar(&allow, "allow-removal", false, "remove also more rows than the limit, or all")
	cmd.Flags().DurationVar(&wait, "wait", 0, "how long to wait for another run of the same model and scope")
	cmd.Flags().StringArrayVar(&ids, "id", nil, "only the record with this remote id; may be given more than once")
	cmd.Flags().IntVar(&jobs, "jobs", 4, "how many scopes to run at once")
	return cmd
}

// synchronize runs targets, and tells how each went.
func (a *app) synchronize(ctx context.Context, list []target, call synced.Call, jobs int) error {
	ctx, s := a.listen(ctx, !call.DryRun)
	defer s.end()
	if !call.DryRun {
		call.Stop = s.soft
	}
	p := a.progress(list)
	ctx = observe.With(ctx, p)
	t := tally{app: a, of: len(list), brief: p.bar != nil && len(list) > 10}
	run := func(one target) {
		result, err := one.Synchronize(ctx, one.scope, call)
		p.ended(func() { t.tell(one, result, err) })
	}
	for len(list) > 0 && !s.stopped() { // parents are done before their children begin
		n := 1
		for n < len(list) && list[n].Name() == list[0].Name() {
			n++
		}
		beside(list[:n], jobs, s, run)
		list = list[n:]
	}
	p.end()
	return t.end()
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
	ctx, s := a.listen(ctx, false)
	defer s.end()
	t := tally{app: a, of: len(ids)}
	for _, id := range ids {
		result, err := one.SyncOne(ctx, one.scope, keyOf(id), synced.Call{AllowRemoval: allow})
		t.tell(one, result, err)
	}
	return t.end()
}
