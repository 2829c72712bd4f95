package page

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
)

// Received is a page whose ids and fingerprints were read, by the goroutine that
// fetched it and on all cores, while the page before it is written.
type Received struct {
	*remote.Page
	Records []Record
	// Asked is when it was turned to, and Came when it was here; zero where it was never
	// asked for, as one out of a spool.
	Asked, Came time.Time
	// Followed reports whether the page after it has arrived too, so that both may be dealt
	// with together.
	Followed bool
	// rows are what the records were mapped to; nil where they were not.
	rows []early
	// mapped reports whether a record was: what came of its bytes may be anywhere.
	mapped atomic.Bool
}

// Mapped reports whether a record of the page was mapped, so that its bytes may be
// in use.
func (p *Received) Mapped() bool { return p.mapped.Load() }

// Receive reads the records of a page. Nil stays nil. Where most rows of the last
// page had to be mapped, as in a first run, it maps them as well: the database is
// not asked first which of them differ.
func (m *Maker) Receive(p *remote.Page) *Received {
	if p == nil {
		return nil
	}
	got := &Received{Page: p, Records: make([]Record, len(p.Objects))}
	eager := m.Eager.Load() && len(m.Model.Parents) == 0 && !m.Partial && !m.Summaries // a parent's key, and what is left out, are found later
	var rows []early
	if eager {
		rows = m.rowsFor(len(p.Objects))
		got.rows = rows
	}
	onAllCores(len(p.Objects), func(shelf *plan.Shelf, i int) {
		r := &got.Records[i]
		r.Object, r.maker, r.from = p.Objects[i], m, got
		id, err := m.Model.Plan.ID(r.Object)
		if err != nil {
			r.Err = err
			return
		}
		m.identify(r, id)
		if m.Partial || m.Summaries {
			r.MayLack()
		}
		if eager {
			shelf.Used = rows[i].row
			rows[i].row, rows[i].err = r.row(shelf)
			r.early = &rows[i]
		}
	})
	return got
}

// rowsFor returns room for the rows of some records: maybe with rows that were used.
func (m *Maker) rowsFor(n int) []early {
	var rows []early
	if used, ok := m.used.Get().(*[]early); ok {
		rows = *used
	}
	if len(rows) < n {
		rows = append(rows, make([]early, n-len(rows))...)
	}
	return rows
}

// Reuse gives the rows of a page to those of other pages. Nobody needs its records any
// longer, or anything that came of them.
func (m *Maker) Reuse(p *Received) {
	if p.rows == nil {
		return
	}
	for i := range p.Records {
		p.Records[i].early = nil
	}
	used := p.rows
	p.rows = nil
	m.used.Put(&used)
}

const (
	// fewItems is how many items are not worth another goroutine.
	fewItems = 32
	// rowsTogether is how many rows of a page are on a shelf at once.
	rowsTogether = 16
)

// onAllCores calls do with 0 to n-1 and the shelf of its goroutine, on all cores but the
// one that writes, for which the database's answers would have to wait. A panic of do is
// the caller's.
func onAllCores(n int, do func(shelf *plan.Shelf, i int)) {
	workers := min(max(1, runtime.GOMAXPROCS(0)-1), (n+fewItems-1)/fewItems)
	if workers < 2 {
		shelf := &plan.Shelf{Rows: rowsTogether}
		for i := range n {
			do(shelf, i)
		}
		return
	}
	var wg sync.WaitGroup
	panics := make([]any, workers)
	for w := range workers {
		wg.Go(func() {
			defer func() { panics[w] = recover() }()
			shelf := &plan.Shelf{Rows: rowsTogether}
			for i := n * w / workers; i < n*(w+1)/workers; i++ {
				do(shelf, i)
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
