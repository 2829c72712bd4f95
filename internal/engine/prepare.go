package engine

import (
	"iter"
	"runtime"
	"sync"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

// received is a page whose ids and fingerprints were read, by the goroutine that
// fetched it and on all cores, while the page before it is written.
type received struct {
	*remote.Page
	records []prepared
}

// prepared is a record of a page, or why its id can't be read.
type prepared struct {
	row store.Row
	err error
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
		id, err := r.m.Plan.ID(p.Objects[i])
		if err != nil {
			got.records[i].err = err
			return
		}
		row := r.row(id, p.Objects[i])
		if eager {
			rec, err := row.Map()
			row.Map = func() (store.Record, error) { return rec, err }
		}
		got.records[i].row = row
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

// mappedMost notes whether the next page is worth mapping before it is asked for
// what differs.
func (r *run) mappedMost(outcomes []store.Outcome) {
	unchanged := 0
	for _, o := range outcomes {
		if o.Change == store.Unchanged && o.Err == nil {
			unchanged++
		}
	}
	r.eager.Store(2*unchanged < len(outcomes))
}

// fewItems is how many items are not worth another goroutine.
const fewItems = 32

// onAllCores calls do with 0 to n-1, on all cores where there are enough. A panic
// of do is the caller's.
func onAllCores(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+fewItems-1)/fewItems)
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
