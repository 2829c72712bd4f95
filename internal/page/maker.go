package page

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/remote"
)

// Maker makes records of a model and scope. It is safe for concurrent use.
type Maker struct {
	Model *model.Model
	Scope any
	// Eager reports whether received records are mapped at once, before it is known
	// which of them differ.
	Eager atomic.Bool
	// Partial reports whether received objects may leave out attributes that did not
	// change.
	Partial bool
	// Summaries reports whether received objects are only summaries of records, which are
	// asked for by themselves.
	Summaries bool

	used sync.Pool // *[]early, of pages that nobody needs any longer
}

// Record makes a record of an object, with what else fills its columns. It is
// mapped only when the store finds that it differs.
func (m *Maker) Record(id backend.ID, o remote.Object, keys ...plan.Key) *Record {
	r := &Record{Object: o, maker: m}
	r.keys.list = keys
	m.identify(r, id)
	return r
}

func (m *Maker) identify(r *Record, id backend.ID) {
	r.Record = backend.Record{ID: id, Hash: m.Model.Plan.Fingerprint(r.Object), Quarantine: m.Model.Quarantine.On, Mapper: r}
}

// Nested makes a record of an object that is nested in a parent's, whose local key
// is given. It fills a column of the row, unless parents share it.
func (m *Maker) Nested(of *Record, key backend.ID, a *model.Association, o remote.Object, id backend.ID) *Record {
	r := m.Record(id, o)
	if a.Link == nil {
		r.keys.list = []plan.Key{{Column: a.Column, Value: key.Value()}}
	}
	r.Of, r.Parent = of, key
	return r
}

// nested names the model of a nested record in an error.
func nested(m *model.Model, err error) error { return fmt.Errorf("%s: %w", m.Table.Name, err) }
