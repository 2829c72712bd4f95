package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
	"github.com/syncedgo/synced/store"
)

// page is records on their way into a table. Statements are told which of them, by
// their places.
type page struct {
	Session
	columns
}

// byIDs finds the records of the page by id.
func (p *page) byIDs() *idindex.Index {
	return idindex.Of(len(p.records), func(i int) backend.ID { return p.records[i].ID })
}

// byID compares the ids of two records of the page.
func (p *page) byID(a, b int) int { return p.records[a].ID.Compare(p.records[b].ID) }

// ids returns those of records.
func (p *page) ids(which []int) []backend.ID {
	ids := make([]backend.ID, len(which))
	for n, i := range which {
		ids[n] = p.records[i].ID
	}
	return ids
}

// selecting reads columns of the rows of records.
func (p *page) selecting(which []int, columns ...string) squirrel.Sqlizer {
	return p.dialect.Lookup(p.t, p.scope, p.ids(which), columns, "")
}

// asSet reports whether the number of statements must not grow with that of the rows: they
// are children, or have some.
func (p *page) asSet() bool { return p.t.Key != "" || p.t.Parent != "" }

// readsOwn reports whether somebody reads the columns of written rows that the database
// filled.
func (p *page) readsOwn() bool {
	return p.t.Key != "" || !p.t.Unread && slices.ContainsFunc(p.t.Columns, func(c backend.Column) bool { return !c.Managed })
}

// own lists what statements return of the rows that they write: the id, and what the
// database filled in, if somebody reads that.
func (p *page) own() []string {
	list := p.t.Own()
	if !p.readsOwn() {
		return list[:1]
	}
	return list
}

// returning runs a statement that returns [page.own] of rows, reads that into the new rows,
// and calls seen with each.
func (p *page) returning(ctx context.Context, statement store.SQL, seen func(i int)) error {
	ids := p.byIDs()
	scan := p.t.ScanOwn
	if !p.readsOwn() {
		scan = p.t.ScanID
	}
	return store.Each(ctx, p, statement, func(rows store.Rows) error {
		var place int
		_, err := scan(rows, func(id backend.ID) (backend.Row, error) {
			var ok bool
			if place, ok = ids.Find(id); !ok {
				return backend.Row{}, fmt.Errorf("a row has %s in column %q now, which no record of the page has: a trigger of the table changes the column by which runs find rows: have it leave that alone", id, p.t.ID)
			}
			return p.rows[place], nil
		})
		if err == nil {
			seen(place)
		}
		return err
	})
}
