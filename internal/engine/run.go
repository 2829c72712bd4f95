package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/absent"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/commit"
	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/internal/feed"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/look"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/secret"
	"github.com/syncedgo/synced/internal/shown"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// run is one call for one model and scope: its stages, each with its own type and
// state. The kinds of calls say in which order they go.
type run struct {
	m     *model.Model
	call  Call
	kind  kind
	ask   model.Ask
	since time.Time

	feed    feed.Feed        // fetches pages ahead, prepares and looks at them
	listing *listing.Listing // accepts them, and knows what the remote said
	parents parents          // fetches those that have no row
	writer  *write.Writer    // writes them
	work    commit.Work      // in transactions
	asked   map[listed]asked // has what came of asking for records that are listed in part
	turn    turn             // is its place among the runs of its scope
	stored  ledger.Time      // is the scope's time before it, where rows or the strategy keep one
	pass    pass             // notes how far it came
	result  report.Result    // is what the call returns; nothing reads it before
}

func newRun(m *model.Model, call Call) *run {
	maker := &page.Maker{Model: m, Scope: call.Scope}
	now := time.Now()
	r := &run{m: m, call: call, kind: single, since: now, turn: turn{began: now}, work: commit.Work{DB: m.DB, List: commit.List{Most: call.Changes}}}
	r.feed = feed.Feed{API: call.API, Maker: maker}
	r.listing = listing.New(r.rules())
	r.writer = write.New(maker, r.listing, call.Removal)
	r.parents = parents{m: m, scope: call.Scope}
	return r
}

// Run synchronizes a scope, or checks it, as the strategy decides.
func Run(ctx context.Context, m *model.Model, call Call) (report.Result, error) {
	r := newRun(m, call)
	switch {
	case model.Asks(call.Strategy, time.Time{}, call.Scope).Compares:
		return told{run: r, call: "Check"}.of(ctx, func(ctx context.Context) error { return check(ctx, r) })
	case call.DryRun:
		return told{run: r, call: "DryRun"}.of(ctx, func(ctx context.Context) error { return check(ctx, r) })
	}
	s := synchronization{run: r}
	return told{run: r, call: "Synchronize"}.of(ctx, func(ctx context.Context) error { return beginning{r}.locked(ctx, s.noted) })
}

// decide asks the strategy what to ask for, and the database for the stored time
// where the strategy keeps one.
func (r *run) decide(ctx context.Context) error {
	r.ask = model.Asks(r.call.Strategy, time.Time{}, r.call.Scope)
	if r.ask.StoresTime || r.m.Table.Stamp != "" {
		var err error
		if r.stored, err = storedTime(ctx, r); err != nil {
			return err
		}
	}
	if r.ask.StoresTime {
		r.ask = model.Asks(r.call.Strategy, r.stored.At, r.call.Scope)
		r.result.Since, r.result.Complete = r.ask.Since, r.ask.Complete
	}
	if r.ask.KeepsPosition {
		if err := (positions{r}).read(ctx); err != nil {
			return err
		}
	}
	if err := (windows{r}).span(ctx); err != nil {
		return err
	}
	return r.settle()
}

// settle makes the run what it asks for, before its first page.
func (r *run) settle() error {
	r.kind = kindOf(&r.call, &r.ask)
	r.pass = newPass(r)
	*r.listing = *listing.New(r.rules())
	r.feed.Maker.Partial = r.m.Partial && (!r.ask.Everything() || r.call.Given)
	r.feed.Maker.Summaries = r.m.Expand > 0 && !r.call.Given
	alone := r.turn.number > 0 && !r.turn.left.Pass // nobody else begins a pass before the run ends
	r.writer.Beside = write.Beside{Covered: r.kind == complete || alone, Locked: r.work.Lock != nil}
	r.feed.Joins = r.joins()
	r.feed.Look = lookOf(r)
	if _, can := r.m.Getter(r.call.API); r.feed.Maker.Summaries && !can {
		return fmt.Errorf("with Expand, records are asked for by themselves, and a %T can't be asked for one record: give an API that is a remote.Getter, as rest.Client is", r.call.API)
	}
	return nil
}

// lookOf returns how the pages of a run are looked at before they are accepted; nil where they
// are not. A run that writes all pages at its end would hear of nested records in another
// order.
func lookOf(r *run) *look.Look {
	if r.kind != complete || !look.Tells(r.m) || !r.m.Plain() && (r.call.Atomic || r.feed.Maker.Summaries) {
		return nil
	}
	return &look.Look{Model: r.m, Scope: r.call.Scope, Removal: r.call.Removal}
}

// resumable reports whether the run is a pass whose pages stand by themselves, and that
// takes the place of no other.
func (r *run) resumable() bool {
	alone := r.kind == complete || r.kind == incremental && (r.pass.left.Pass == nil || r.pass.left.own)
	return alone && !r.call.Atomic && r.call.Checkpoint >= 0 && r.call.From.IsZero() && !(windows{r}).apart()
}

// rules are what the listing makes of what the remote says.
func (r *run) rules() listing.Rules {
	rules := listing.Rules{Model: r.m, Removes: r.call.Removal.On(), Since: !r.ask.Everything(), Changes: r.ask.KeepsPosition, Asked: r.since, MayResume: r.resumable(), Filtered: r.call.Filtered && r.call.From.IsZero()}
	rules.Whole = r.kind.whole() && r.m.Expand == 0 && r.ask.Everything() && !r.call.Given && !r.call.Filtered
	if r.ask.StoresTime {
		rules.Sources = r.ask.Sources
	}
	rules.Times, _ = r.call.API.(remote.TimeReader)
	windows{r}.within(&rules)
	return rules
}

// search returns the search for the rows that go.
func (r *run) search() *absent.Search {
	return &absent.Search{Maker: r.feed.Maker, Listing: r.listing, Removal: r.call.Removal, API: r.call.API, Request: r.call.Request,
		Given: r.call.Given, Allowed: r.call.AllowRemoval, Beside: r.beside()}
}

// beside is the number of the run from which on it counts what others wrote beside it:
// beside a pass that was resumed, from its first run on.
func (r *run) beside() int64 {
	if r.kind == complete {
		return 0
	}
	return r.turn.number
}

// transact runs work in a transaction, under the lock where the run has it.
func (r *run) transact(ctx context.Context, work func(ctx context.Context, tx *commit.Tx) error) error {
	return r.work.Do(ctx, work)
}

// write runs work that brings rows in step in a transaction, and tells observers.
func (r *run) write(ctx context.Context, page int, work func(ctx context.Context, tx *commit.Tx) error) error {
	return tellWrite(ctx, page, func(ctx context.Context) (report.Counts, error) { return r.counted(ctx, work) })
}

// counted runs work in a transaction, and returns what it committed.
func (r *run) counted(ctx context.Context, work func(ctx context.Context, tx *commit.Tx) error) (report.Counts, error) {
	before := r.writer.Counts
	err := r.transact(ctx, work)
	return less(r.writer.Counts, before), err
}

// tellWrite tells observers that a page is written, and what that committed.
func tellWrite(ctx context.Context, page int, write func(ctx context.Context) (report.Counts, error)) error {
	if !observe.Watched(ctx) {
		_, err := write(ctx)
		return err
	}
	ctx = observe.Tell(ctx, observe.WriteStarted{Page: page})
	counts, err := write(ctx)
	observe.Tell(ctx, observe.WriteEnded{Page: page, Counts: counts, Err: model.Hide(ctx, err)})
	return err
}

// fail puts an error into the run's path.
func (r *run) fail(page int, err error) error {
	if _, known := err.(*report.Error); err != nil && !known && page > 0 && r.feed.Windows != nil && !r.feed.Windows.Joined {
		err = fmt.Errorf("%s: %w", r.feed.Windows.At, err)
	}
	return r.m.FailPage(r.call.Scope, page, err)
}

// acceptPage tells observers of a page that came, and accepts it.
func (r *run) acceptPage(ctx context.Context, got *page.Received) (*page.Page, error) {
	if observe.Watched(ctx) {
		observe.Tell(ctx, observe.PageReceived{Number: r.result.Pages + 1, Records: len(got.Objects), Deleted: len(got.DeletedIDs), Total: got.Total, TotalKnown: got.TotalKnown,
			Requests: got.Requests, Bytes: got.Bytes, Asked: got.Asked, Came: got.Came})
	}
	return r.accept(got)
}

// accept takes note of what a page cost, and accepts it.
func (r *run) accept(got *page.Received) (*page.Page, error) {
	r.result.Pages++
	r.result.Records += len(got.Objects)
	r.spend(got)
	return r.listing.Accept(got)
}

// acceptObjects accepts objects as a page.
func (r *run) acceptObjects(objects []remote.Object) (*page.Page, error) {
	return r.accept(r.feed.Maker.Receive(&remote.Page{Objects: objects}))
}

// spend takes note of what a page cost, or an error that came instead of one.
func (r *run) spend(p *page.Received) {
	if p != nil {
		r.result.Requests += p.Requests
		r.result.Bytes += p.Bytes
	}
}

// pay takes note of what single records cost.
func (r *run) pay(c cost.Cost) {
	r.result.Requests += c.Requests
	r.result.Bytes += c.Bytes
}

// notReceived takes note of what a page cost that did not come.
func (r *run) notReceived(p *page.Received, err error) error {
	r.spend(p)
	return r.fail(r.listing.Pages()+1, err)
}

// learn takes over what a search found for the result. A removal that was refused
// can be approved by its plan, once the run has kept it.
func (r *run) learn(ctx context.Context, found *absent.Found) {
	if found.Refused != nil {
		found.Refused.Reason = shown.Text(secret.Of(ctx).Within(found.Refused.Reason))
	}
	r.result.Requests += found.Requests
	r.result.Bytes += found.Bytes
	r.result.Records += found.Records
	r.result.ListedNothing = found.ListedNothing
	r.listing.Evidence.Withheld = found.Withholds()
	if r.result.Refused = found.Refused; found.Refused != nil && r.work.Lock != nil {
		found.Refused.Plan = uuid.NewString()
	}
}

// locked does some work while it holds the lock of the model and scope. The lock
// is held over the network, and no transaction is.
func (r *run) locked(ctx context.Context, work func(context.Context) error) error {
	return r.under(ctx, r.m.DB.Lock, work)
}

// under does some work while it holds a lock, which is taken as take does.
func (r *run) under(ctx context.Context, take func(ctx context.Context, name string, wait time.Duration) (backend.Lock, error), work func(context.Context) error) error {
	if err := alive(ctx); err != nil {
		return err
	}
	lock, err := take(ctx, cmp.Or(r.call.Lock, r.m.Scope(r.call.Scope).Lock()), r.call.Wait)
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("%w: wait for it, or give the call a Wait", report.ErrRunning)
	}
	if err != nil {
		return fmt.Errorf("take the lock of the run: %w", err)
	}
	r.work.Lock, r.writer.Beside.Locked = lock, true
	defer func() {
		clean, cancel := commit.Cleanup(ctx)
		defer cancel()
		_ = lock.Release(clean) // it ends with its connection, or runs out
	}()
	return work(ctx)
}
