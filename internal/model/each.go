package model

import (
	"context"
	"net/url"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
)

// Each is how a model is listed that has a list for each row of a parent.
type Each struct {
	Parent   *Model
	Endpoint *Template
	// Due is the column of the parent whose value makes its list due in an incremental
	// run; "" where each list always is.
	Due string
	// InFlight is how many lists are asked for at once.
	InFlight int
	// API returns whom to ask for a parent itself, in the scope of the topmost parents.
	API func(ctx context.Context, root any) (remote.API, remote.Request, error)
}

// Root returns the model whose scope the parents are read for: the topmost parent.
func (m *Model) Root() *Model {
	for m.Each != nil {
		m = m.Each.Parent
	}
	return m
}

// Whole returns the model as the runs of all its parents see it: their scope is that of
// the topmost parent.
func (m *Model) Whole() *Model {
	whole, table, root := *m, m.Table.Clone(), m.Root().Table
	if table.Scope == root.Scope && root.Scope != "" { // a key of one is none of the other
		table.Scope = root.Name + "." + root.Scope
	} else {
		table.Scope = root.Scope
	}
	table.ScopeKind, whole.Table = root.ScopeKind, table
	return &whole
}

// Listed is a parent's row, as the list of its children needs it.
type Listed struct {
	// Key is its local key, and Record its remote id.
	Key    backend.ID
	Record string
	// Due is the value of the column that makes it due.
	Due string
	// Values are those of the columns that the endpoint names, in its order; nil is null.
	Values []*string
}

// Request returns what to ask for the list of a parent, given what all parents have in
// common.
func (e *Each) Request(base remote.Request, p *Listed) (remote.Request, error) {
	path, query, record, err := e.Endpoint.Of(p.Values)
	if err != nil {
		return base, err
	}
	base.Endpoint, base.Record = path, record
	if len(query) > 0 {
		own := url.Values{}
		for name, values := range base.Query {
			own[name] = values
		}
		for name, values := range query {
			own[name] = values
		}
		base.Query = own
	}
	return base, nil
}
