package breaking_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// deed is one call of a service, in JSON so that another process can do it.
type deed struct {
	Kind    string // "run", "full", "check", "dry run", "given", "one", "remap", "reset", "approve", "apply"
	Model   string
	Account int
	ID      int               // of one
	Plan    string            // of approve
	Diff    *synced.Diff      // of apply
	Records []json.RawMessage // of given
	Odd     bool              // whether a run has a query
	Stop    bool              // whether a run is told to stop at the next page

	approved []string // the ids that a plan removes
	since    int      // the tick when a diff was made
}

func (d deed) String() string { return fmt.Sprintf("%s %s %d/%d", d.Kind, d.Model, d.Account, d.ID) }

// whole reports whether the deed looks at the whole list.
func (d deed) whole() bool { return d.Kind == "run" || d.Kind == "full" || d.Kind == "given" }

// do does it.
func (d deed) do(ctx context.Context, t *town) (synced.Result, error) {
	m, scope, call := t.model(d.Model), synced.In(d.Account), synced.Call{}
	if d.Odd {
		call.Ask.Query = url.Values{"odd": {"1"}}
	}
	if d.Stop {
		stop := make(chan struct{})
		close(stop)
		call.Stop = stop
	}
	switch d.Kind {
	case "full":
		call.Strategy = strategy.Full{}
	case "check":
		call.Strategy = strategy.Check{}
	case "dry run":
		call.DryRun = true
	case "given":
		call.Records, call.AllowRemoval = []remote.Object{}, true
		for _, raw := range d.Records {
			o, err := remote.ParseObject(raw)
			if err != nil {
				return synced.Result{}, err
			}
			call.Records = append(call.Records, o)
		}
	case "one":
		return m.SyncOne(ctx, scope, d.ID, call)
	case "remap":
		return m.Remap(ctx, scope)
	case "reset":
		return synced.Result{}, m.Reset(ctx, scope)
	case "approve":
		return m.ApproveRemoval(ctx, scope, d.Plan)
	case "apply":
		return m.Apply(ctx, scope, d.Diff)
	}
	return m.Synchronize(ctx, scope, call)
}

// deedVariable makes this test binary do an errand instead of the tests.
const deedVariable = "SYNCED_DEED"

// errand is a deed that a process of its own does, and dies of where it is told to.
type errand struct {
	deed
	Ways                 ways
	Store, Database, API string
	// Event kills the process where a statement begins or ends, counted from 1.
	Event int64
}

// doAlone does an errand, and returns the process's exit code.
func doAlone(text string) int {
	var e errand
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if err := e.run(context.Background()); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func (e errand) run(ctx context.Context) error {
	var events atomic.Int64
	armed := false
	db, done, err := watched(ctx, e.Store, e.Database, func() {
		if armed && events.Add(1) == e.Event {
			die()
		}
	})
	if err != nil {
		return err
	}
	defer func() { _ = done() }()
	apis, err := e.Ways.clients(e.API, http.DefaultClient)
	if err != nil {
		return err
	}
	t, err := e.Ways.bind(ctx, db, apis, false)
	if err != nil {
		return err
	}
	armed = true
	result, err := e.do(ctx, t)
	fmt.Println(result)
	return err
}

// die ends this process as kill -9 does.
func die() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {} // it may take a moment
}

// expected reports whether an error of a deed that nothing disturbed is one that it may
// return.
func (d deed) expected(err error) bool {
	for _, sentinel := range map[string][]error{
		"reset":   {synced.ErrNothingToReset},
		"approve": {synced.ErrUnknownPlan},
		"apply":   {synced.ErrStale},
	}[d.Kind] {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return err == nil
}

// unproven reports whether a parent could not be fetched because no record is known to
// exist that would make its absence a proof: those known may be deleted by now.
func unproven(err error) bool {
	text := fmt.Sprint(err)
	return strings.Contains(text, ": fetch streets ") && (strings.Contains(text, "no record is known to exist") || strings.Contains(text, "does not find a record that exists"))
}

// make makes the tables of a town and binds its models.
func (w ways) make(ctx context.Context, db backend.Store, apis apis) (*town, error) {
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	return w.bind(ctx, db, apis, true)
}
