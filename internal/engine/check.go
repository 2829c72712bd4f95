package engine

import (
	"context"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// check compares the scope with what the remote lists, and writes nothing.
func (r *run) check(ctx context.Context) error {
	diff := &report.Diff{Model: r.m.Table.Name, Scope: r.m.scopeName(r.call.Scope)}
	for received, err := range r.pages(ctx) {
		if err != nil {
			return r.notReceived(received, err)
		}
		again := r.repeated(received)
		p, err := r.accept(received)
		if err == nil {
			diff.Forget(again)
			err = r.compare(ctx, diff, p)
		}
		if err != nil {
			return r.fail(received.Number, err)
		}
	}
	if err := r.additional(ctx, diff); err != nil {
		return r.fail(0, err)
	}
	diff.Compared = len(r.tally.seen)
	diff.Doubt = r.totals.doubt(len(r.tally.seen))
	r.result.Diff = diff
	return nil
}

// repeated lists the ids of a page that an earlier page listed: the last one
// seen counts. Records without an id are accept's to tell.
func (r *run) repeated(p *remote.Page) map[string]bool {
	again := map[string]bool{}
	for _, o := range p.Objects {
		if id, err := r.m.Plan.ID(o); err == nil && r.tally.has(idKey(id)) {
			again[id.String()] = true
		}
	}
	return again
}

// compare adds the differences of a page.
func (r *run) compare(ctx context.Context, diff *report.Diff, p *page) error {
	local := make(map[store.ID]loaded, len(p.rows))
	ids := make([]store.ID, len(p.rows))
	for i, row := range p.rows {
		ids[i] = row.ID
	}
	if err := r.m.load(ctx, r.m.DB, r.call.Scope, ids, func(l loaded) error {
		local[l.id] = l
		return nil
	}); err != nil {
		return err
	}
	for i, row := range p.rows {
		rec, err := row.Map()
		if err != nil {
			return err
		}
		id := row.ID.String()
		l, ok := local[row.ID]
		if !ok {
			diff.Missing = append(diff.Missing, report.Missing{ID: id, Object: p.objects[i]})
			continue
		}
		fields, err := r.fields(l, rec)
		if err != nil {
			return err
		}
		if len(fields) > 0 {
			diff.Changed = append(diff.Changed, report.Changed{ID: id, Fields: fields, Object: p.objects[i]})
		}
	}
	return nil
}

// fields lists the columns in which a row differs.
func (r *run) fields(l loaded, rec store.Record) ([]report.Field, error) {
	var fields []report.Field
	for _, c := range r.m.Table.Differences(l.rec, l.nulls, rec) {
		f := report.Field{Column: r.m.Table.Columns[c].Name}
		var err error
		if !l.nulls[c] {
			if f.Local, err = store.Plain(l.rec.Pointers[c]); err != nil {
				return nil, err
			}
		}
		if f.Remote, err = store.Plain(rec.Pointers[c]); err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	if l.canceled {
		fields = append(fields, report.Field{Column: r.m.Table.Canceled, Local: "cancelled"})
	}
	return fields, nil
}

// additional adds the rows that the remote does not list.
func (r *run) additional(ctx context.Context, diff *report.Diff) error {
	how := Removal{}
	if r.m.Table.Canceled != "" {
		how = Removal{Kind: Cancel, Column: r.m.Table.Canceled} // cancelled rows are where they should be
	}
	ids, _, err := r.m.absent(ctx, r.m.DB, r.call.Scope, how, r.tally.has)
	if err != nil {
		return err
	}
	for id := range r.gone {
		ids = append(ids, id)
	}
	for len(ids) > 0 {
		some := ids[:min(batch, len(ids))]
		ids = ids[len(some):]
		err := r.m.load(ctx, r.m.DB, r.call.Scope, some, func(l loaded) error {
			if l.canceled {
				return nil
			}
			row := map[string]any{}
			for c, column := range r.m.Table.Columns {
				v, err := store.Plain(l.rec.Pointers[c])
				if err != nil {
					return err
				}
				row[column.Name] = v
			}
			diff.Additional = append(diff.Additional, report.Additional{ID: l.id.String(), Row: row})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
