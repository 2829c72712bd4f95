package engine

import (
	"iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
)

// received is a page whose ids and fingerprints were read, by the goroutine that
// fetched it and on all cores, while the page before it is written.
type received struct {
	*remote.Page
	records []prepared
	// mapped says that a record was: what came of its bytes may be anywhere.
	mapped atomic.Bool
}

// prepared is a record that is mapped only when the store finds that it differs,
// or why its id can't be read.
type prepared struct {
	row    backend.Record
	err    error
	run    *run
	object remote.Object
	keys   []plan.Key
	page   *received // that lists it, or nil
}

// row makes a row of a record, with what else fills its columns.
func (r *run) row(id backend.ID, o remote.Object, keys ...plan.Key) backend.Record {
	p := &prepared{run: r, object: o, keys: keys}
	p.identify(id)
	return p.row
}

func (p *prepared) identify(id backend.ID) {
	p.row = backend.Record{ID: id, Hash: p.run.m.Plan.Fingerprint(p.object), Quarantine: p.run.m.Quarantine, Map: p.record}
}

// record maps the record.
func (p *prepared) record() (backend.Row, error) {
	if p.page != nil {
		p.page.mapped.Store(true)
	}
	m := p.run.m
	rec, err := m.Plan.Map(p.object, append(slices.Clip(p.keys), plan.Key{Column: m.Table.Scope, Value: p.run.call.Scope})...)
	if err == nil && m.Quarantine {
		err = m.checkNested(p.object)
	}
	if err != nil {
		return rec, &recordError{p.row.ID.String(), err}
	}
	return rec, nil
}

// prepare reads the records of a page. Where most rows of the last page had to be
// mapped, as in a first run, it maps them as well: the database is not asked
// first which of them differ.
func (r *run) prepare(p *remote.Page) *received {
	if p == nil {
		return nil
	}
	got := &received{Page: p, records: make([]prepared, len(p.Objects))}
	eager := r.eager.Load() && len(r.m.Parents) == 0 // a parent's key is found later
	onAllCores(len(p.Objects), func(i int) {
		o := p.Objects[i]
		id, err := r.m.Plan.ID(o)
		if err != nil {
			got.records[i].err = err
			return
		}
		record := &got.records[i]
		*record = prepared{run: r, object: o, page: got}
		record.identify(id)
		if eager {
			rec, err := record.record()
			record.row.Map = func() (backend.Row, error) { return rec, err }
		}
	})
	return got
}

// prepared prepares each page when it has come.
func (r *run) prepared(pages iter.Seq2[*remote.Page, error]) iter.Seq2[*received, error] {
	return func(yield func(*received, error) bool) {
		for page, err := range pages {
			if !yield(r.prepare(page), err) {
				return
			}
		}
	}
}

// recycle gives the memory of a page back to the client that fetched it, once
// nothing of the page is needed any more: no record was mapped, and no function of
// the service's has seen one. Without it, a third of the time of a run that finds
// nothing new is spent on memory for pages.
func (r *run) recycle(p *page) {
	client, own := r.call.API.(*remote.Client) // whoever wraps one may keep pages
	m := r.m
	if own && p.from != nil && !p.from.mapped.Load() && !r.clock.later && m.Tombstone == nil && m.plain() {
		client.Recycle(p.from.Page)
	}
}

// foresee notes whether the next page is worth mapping before it is asked for what
// differs.
func (r *run) foresee(p *page, outcomes []backend.Outcome) {
	unchanged := len(p.same)
	for _, o := range outcomes {
		if o.Change == backend.Unchanged && o.Err == nil {
			unchanged++
		}
	}
	r.eager.Store(2*unchanged < len(p.same)+len(outcomes))
}

// fewItems is how many items are not worth another goroutine.
const fewItems = 32

// onAllCores calls do with 0 to n-1, on all cores but the one that writes, for which
// the database's answers would have to wait. A panic of do is the caller's.
func onAllCores(n int, do func(i int)) {
	workers := min(max(1, runtime.GOMAXPROCS(0)-1), (n+fewItems-1)/fewItems)
	if workers < 2 {
		for i := range n {
			do(i)
		}
		return
	}
	var wg sync.WaitGroup
	panics := make([]any, workers)
	for w := range workers {
		wg.Go(func() {
			defer func() { panics[w] = recover() }()
			for i := n * w / workers; i < n*(w+1)/workers; i++ {
				do(i)
			}
		})
	}
	wg.Wait()
	for _, p := range panics {
		if p != nil {
			panic(p)
		}
	}
}
