// Package model holds declarations that are bound to a database: what the stages
// of a run know of a model. It knows rows and columns, and nothing of the models'
// Go types.
package model

import (
	"context"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/redact"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// Model is a declaration bound to a database. It does not change once it is made.
type Model struct {
	DB         backend.Store
	Table      *backend.Table
	Plan       *plan.Plan
	Strategy   strategy.Strategy
	Timestamps timestamp.Strategy
	// Observer is told what the model's runs do; nil where nobody is.
	Observer observe.Observer

	// Associations are the models whose objects are nested in this one's.
	Associations []Association
	// Parents are the models that rows of this one point to.
	Parents []Parent
	// Each is how it is listed by its parents; nil where it is listed by itself.
	Each *Each
	// Removal is the declared one, for runs that come with a parent's.
	Removal Removal

	// OnChange, where set, is called with each page's changes in its transaction.
	OnChange func(ctx context.Context, tx backend.Tx, changes []Change) error
	// Outbox reports whether changes are appended to the outbox.
	Outbox bool
	// Tombstone, where set, reports whether a listed object was deleted remotely.
	Tombstone func(o remote.Object) bool
	Shows
	// Quarantine is where records wait that can't be mapped.
	Quarantine Quarantine
}

// Shows is how much of a record the remote's lists show, and what of it is seen here.
type Shows struct {
	// Redactor takes out of objects what is not to be kept; nil where that is nothing.
	Redactor *redact.Redactor
	// Partial reports whether objects that the remote lists as changed may leave out
	// attributes that did not change.
	Partial bool
	// Expand is how many records are asked for by themselves at once, where the remote lists
	// only summaries of them; 0 where it lists them whole.
	Expand int
}

// Quarantine is where records wait that can't be mapped.
type Quarantine struct {
	// On reports whether such records are kept apart, up to a share of those that a run
	// sees. Otherwise, one fails the run.
	On    bool
	Limit float64
	// Leftover reports whether there may be records in quarantine although none is
	// declared. Those that are listed again leave it.
	Leftover bool
}

// Change is what happened to one row. Old and New are rows: pointers to the
// model's type.
type Change struct {
	Kind     report.Kind
	ID       backend.ID
	Old, New any
}

// Scope returns the name of a scope in synced's own tables.
func (m *Model) Scope(scope any) ledger.Scope { return ledger.ScopeOf(m.Table, scope) }

// Plain reports whether nothing beside a row belongs to a record.
func (m *Model) Plain() bool {
	return len(m.Parents)+len(m.Associations) == 0 && m.Table.Translations == nil
}

// Fingerprinted reports whether rows tell if they are as they were written, and
// those of nested records as well.
func (m *Model) Fingerprinted() bool {
	for _, a := range m.Associations {
		if !a.Child.Fingerprinted() {
			return false
		}
	}
	return m.Table.Hash != ""
}

// Mappings returns the fingerprints of the mappings of the model and of its
// associations.
func (m *Model) Mappings() []int64 {
	_, mapping := m.Plan.Mapping()
	all := []int64{mapping}
	for _, a := range m.Associations {
		all = append(all, a.Child.Mappings()...)
	}
	return all
}

// Expected returns the attributes that the model reads of its objects, and its
// associations of those within.
func (m *Model) Expected() attribute.Expected {
	e := attribute.Expected{Paths: m.Plan.Paths()}
	for i := range m.Parents {
		e.Paths = append(e.Paths, m.Parents[i].Attribute)
	}
	for i := range m.Associations {
		a := &m.Associations[i]
		e.Paths = append(e.Paths, a.Attribute)
		e.Nested = append(e.Nested, attribute.Nested{Path: a.Attribute, Expected: a.Child.Expected()})
	}
	return e
}

// Bare reports whether an object has none of the attributes that the model reads but
// for the id, although it reads some: neither its own, nor nested records, nor a parent's
// id. An object that can't be read is not bare.
func (m *Model) Bare(o remote.Object) bool {
	if o.Err() != nil || !m.Plan.Bare(o) {
		return false
	}
	for i := range m.Associations {
		if _, has := m.Associations[i].Attribute.In(o); has {
			return false
		}
	}
	for i := range m.Parents {
		if _, has := m.Parents[i].Attribute.In(o); has {
			return false
		}
	}
	return true
}

// Getter returns an API as one that can be asked for single records of the model, and whether
// it can be: no remote has an address for a record that is known by its content.
func (m *Model) Getter(api remote.API) (remote.Getter, bool) {
	getter, ok := api.(remote.Getter)
	return getter, ok && !m.Plan.ByContent()
}

// Quarantines reports whether records of the model may be in quarantine.
func (m *Model) Quarantines() bool { return m.Quarantine.On || m.Quarantine.Leftover }

// AnyQuarantines reports whether records of the model, or nested ones, may be in
// quarantine.
func (m *Model) AnyQuarantines() bool {
	for _, a := range m.Associations {
		if a.Child.AnyQuarantines() {
			return true
		}
	}
	return m.Quarantines()
}

// Lacks returns an attribute that the model reads and an object does not have, or "". A
// null is a value.
func (m *Model) Lacks(o remote.Object) string {
	for _, path := range m.Expected().Paths {
		if _, has := path.In(o); !has && !path.Empty(o) {
			return path.String()
		}
	}
	return ""
}
