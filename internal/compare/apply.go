package compare

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/report"
)

// CheckWritten returns an error unless the rows of a page's records are as a diff
// found them: those with fields differ in just these, the others do not exist.
func (c *Comparison) CheckWritten(ctx context.Context, p *page.Page, found map[string][]report.Field) error {
	m := c.Writer.Model
	if err := write.Resolve(ctx, c.Q, m, c.Writer.Scope, p); err != nil {
		return err
	}
	pairs := make([]pair, len(p.Records))
	for i, r := range p.Records {
		pairs[i].Record = r
	}
	if err := c.load(ctx, pairs); err != nil {
		return err
	}
	children, err := c.children(ctx, p, pairs)
	if err != nil {
		return err
	}
	for i := range pairs {
		p := &pairs[i]
		fields, changed := found[p.ID.String()]
		switch {
		case p.exists && !changed:
			return stale(p.ID, "a row appeared")
		case !p.exists && changed:
			return stale(p.ID, "the row is gone")
		case !p.exists:
			continue
		}
		if p.mapped, err = p.Map(); err == nil {
			err = c.Q.Settle(ctx, m.Table, []backend.Row{p.mapped})
		}
		if err != nil {
			return err
		}
		now, err := rows.Fields(m, p.stored, p.mapped)
		if err != nil {
			return err
		}
		if !sameFields(append(now, children[p.Record]...), fields) {
			return stale(p.ID, "the row was changed")
		}
	}
	return nil
}

// CheckRemoved returns an error unless additional rows are as a diff found them, and
// otherwise their ids.
func (c *Comparison) CheckRemoved(ctx context.Context, additional []report.Additional) ([]backend.ID, error) {
	m := c.Writer.Model
	ids := make([]backend.ID, len(additional))
	found := make(map[backend.ID]report.Row, len(additional))
	for i, a := range additional {
		id, err := m.Table.ParseID(a.ID)
		if err != nil {
			return nil, &model.RecordError{Record: a.ID, Err: err}
		}
		ids[i], found[id] = id, a.Row
	}
	for some := range slices.Chunk(ids, rows.Batch) {
		err := rows.LoadLocked(ctx, c.Q, m, c.Writer.Scope, some, func(s rows.Stored) error {
			now, err := rows.ByColumn(m, s)
			if err == nil && !sameJSON(now, found[s.ID]) {
				err = stale(s.ID, "the row was changed")
			}
			delete(found, s.ID)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for id := range found {
		return nil, stale(id, "the row is gone")
	}
	return ids, nil
}

func stale(id backend.ID, what string) error {
	return &model.RecordError{Record: id.String(), Err: fmt.Errorf("%w: %s since: check again", report.ErrStale, what)}
}

// sameFields compares the fields of a row. Texts that hold JSON are compared as such:
// a diff may have been kept with its objects indented.
func sameFields(a, b []report.Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i, x := range a {
		if y := b[i]; x.Column != y.Column || !sameValue(x.Local, y.Local) || !sameValue(x.Remote, y.Remote) {
			return false
		}
	}
	return true
}

func sameValue(a, b any) bool {
	x, isText := a.(string)
	y, both := b.(string)
	return sameJSON(a, b) || isText && both && strings.HasPrefix(x, "{") && plan.SameJSON([]byte(x), []byte(y))
}

// sameJSON compares values in the form in which a diff may have been kept: indented,
// for example.
func sameJSON(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && plan.SameJSON(x, y)
}
