package schedule

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/store"
)

// Schedule runs models for their scopes, again and again. [New] makes one. It is safe for
// concurrent use.
type Schedule struct {
	db      backend.Store
	options Options
	entries map[string]Entry // by the names of their models
	names   []string         // parents before their children
	// levels are the models of each priority, the first ones first, and parents the models
	// that come before others, by those.
	levels  []level
	parents map[string][]string
	// busy reports whether Run is under way, and changed tells it of what this process
	// changed.
	busy    atomic.Bool
	changed chan struct{}
	ticks   ticks
	// asking is how long an iterator of scopes may take, where Options.Refresh is shorter: it
	// keeps those of other models waiting.
	asking time.Duration
}

const longestAsking = 2 * time.Minute

// level are the models of one priority.
type level struct {
	priority int
	models   []string
}

// New makes a schedule of entries, one for each model. It reads from the database, which
// has to be migrated, and writes nothing: [Schedule.Run] makes the scopes known and runs
// them. A store of a single connection is an error.
func New(ctx context.Context, db store.Store, options Options, entries ...Entry) (*Schedule, error) {
	s, err := newSchedule(ctx, db, options, entries)
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	return s, nil
}

func newSchedule(ctx context.Context, db store.Store, options Options, entries []Entry) (*Schedule, error) {
	b, err := backend.Of(db)
	if err == nil && !b.Parallel() {
		err = errors.New("the store has a single connection, and runs go beside each other: make it of a pool")
	}
	if err == nil && len(entries) == 0 {
		err = errors.New("there is no entry: give one for each model, such as schedule.Every(rentals, 5*time.Minute, scopes)")
	}
	if err == nil {
		err = b.Ready(ctx)
	}
	if err != nil {
		return nil, err
	}
	s := &Schedule{db: b, entries: map[string]Entry{}, changed: make(chan struct{}, 1), asking: longestAsking}
	if s.options, err = options.filled(); err != nil {
		return nil, err
	}
	levels := map[int][]string{}
	for _, e := range entries {
		if e, err = e.filled(); err != nil {
			return nil, err
		}
		name := e.Model.Name()
		if _, twice := s.entries[name]; twice {
			return nil, fmt.Errorf("%s has two entries: give one for each model", name)
		}
		s.entries[name], s.names = e, append(s.names, name)
		levels[e.Priority] = append(levels[e.Priority], name)
	}
	for _, priority := range slices.Backward(slices.Sorted(maps.Keys(levels))) {
		s.levels = append(s.levels, level{priority, levels[priority]})
	}
	s.parents = parentsOf(s.names, func(name string) []string { return s.entries[name].Model.Parents() })
	s.names = parentsFirst(s.names, s.parents)
	return s, nil
}

// parentsOf returns which models come before others. Where models belong to each other in
// a circle, the last of them waits for nobody.
func parentsOf(names []string, parents func(string) []string) map[string][]string {
	before := map[string][]string{}
	var reaches func(from, to string) bool
	reaches = func(from, to string) bool {
		return from == to || slices.ContainsFunc(before[from], func(parent string) bool { return reaches(parent, to) })
	}
	for _, name := range names {
		for _, parent := range parents(name) {
			if slices.Contains(names, parent) && !reaches(parent, name) {
				before[name] = append(before[name], parent)
			}
		}
	}
	return before
}

// parentsFirst orders models so that a new scope is known of the parents first.
func parentsFirst(names []string, parents map[string][]string) (ordered []string) {
	var add func(name string)
	add = func(name string) {
		if slices.Contains(ordered, name) {
			return
		}
		for _, parent := range parents[name] {
			add(parent)
		}
		ordered = append(ordered, name)
	}
	for _, name := range names {
		add(name)
	}
	return ordered
}

// Options returns the schedule's options, with their defaults.
func (s *Schedule) Options() Options { return s.options }

// Run runs what is due until ctx ends, and blocks. Any number of processes of the database
// may do so at once, each with one Run a schedule; none runs a model and scope beside
// another. Each claims only models that it has entries for.
//
// When ctx ends, it claims nothing more. The runs that are under way have Options.Grace to
// end, and are then canceled: they are due again at once. It returns nil when all have
// ended. An error says that they have not, though they were canceled, or that Run is under
// way already. A database that can't be reached meanwhile is logged and tried again.
func (s *Schedule) Run(ctx context.Context) error {
	if !s.busy.CompareAndSwap(false, true) {
		return errors.New("schedule: Run is under way already: call it once a Schedule")
	}
	defer s.busy.Store(false)
	beside, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	l, t := newLoop(context.WithoutCancel(ctx), s), newTeller(s)
	defer l.cancel()
	l.tell = t.soon
	wg.Go(func() { (&register{Schedule: s}).run(beside) })
	wg.Go(func() { t.run(beside) })
	wg.Go(func() { (&upkeep{Schedule: s}).run(beside) })
	err := l.run(ctx)
	stop()
	if err == nil && !ends(wg.Wait, s.endWait()) {
		err = fmt.Errorf("an iterator of scopes, or Options.Alert, has not ended %v after it was canceled: have it heed its context", s.endWait())
	}
	if err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	return nil
}

// ends reports whether a wait ends within a time.
func ends(wait func(), within time.Duration) bool {
	done := make(chan struct{})
	go func() {
		wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(within):
		return false
	}
}

func (s *Schedule) wanted(level level) ledger.Wanted {
	return ledger.Wanted{Models: level.models, Priority: level.priority, PerCredential: s.options.PerCredential, Parents: s.parents}
}

// wake tells the loop of a change, if it is under way.
func (s *Schedule) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}
