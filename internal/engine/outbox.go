package engine

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/spool"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
)

// outbox gathers the changes of a transaction, which are appended as its last
// statements: the appending transactions follow one another, and so wait for each
// other no longer than that. What is too much for memory goes where the pages of
// an atomic run go.
type outbox struct {
	held  page
	bytes int
	spool spool.Spool
	count int64
}

// outboxMemory is how many bytes of changes are held as they are, and how many
// an INSERT carries.
const outboxMemory = 8 << 20

// note takes note of changes for the outbox, where the model has one.
func (r *run) note(list []Change) error {
	if !r.m.Outbox {
		return nil
	}
	for _, c := range list {
		if err := r.noteChange(c); err != nil {
			return &recordError{c.ID.String(), err}
		}
	}
	return nil
}

func (r *run) noteChange(c Change) error {
	before, err := r.m.columns(c.Old)
	if err != nil {
		return err
	}
	after, err := r.m.columns(c.New)
	if err != nil {
		return err
	}
	text, err := ledger.EncodeChange(r.m.scope(r.call.Scope), c.Kind.String(), c.ID.String(), before, after)
	if err != nil {
		return err
	}
	return r.pending.outbox.add(text)
}

// columns is a row, a pointer to the model's type, by its columns.
func (m *Model) columns(value any) (report.Row, error) {
	if value == nil {
		return nil, nil
	}
	rec := m.Plan.RowOf(value)
	row := make(report.Row, len(rec.Pointers))
	for c, column := range m.Table.Columns {
		v, err := backend.Plain(rec.Pointers[c])
		if err != nil {
			return nil, err
		}
		row[column.Name] = v
	}
	return row, nil
}

func (o *outbox) add(text []byte) error {
	object, err := remote.ParseObject(text)
	if err != nil {
		return err
	}
	o.held.objects = append(o.held.objects, object)
	o.count++
	if o.bytes += len(text); o.bytes < outboxMemory {
		return nil
	}
	err = o.spool.Add(0, o.held.objects)
	o.held, o.bytes = page{}, 0
	return err
}

// append writes what was noted.
func (o *outbox) append(ctx context.Context, tx backend.Tx) error {
	if o.count == 0 {
		return nil
	}
	next, err := ledger.ReserveChanges(ctx, tx, o.count)
	if err != nil {
		return err
	}
	for page, err := range o.spool.Pages() {
		if err == nil {
			err = ledger.AppendChanges(ctx, tx, next, raw(page.Objects))
		}
		if err != nil {
			return err
		}
		next += int64(len(page.Objects))
	}
	return ledger.AppendChanges(ctx, tx, next, raw(o.held.objects))
}

func raw(objects []remote.Object) [][]byte {
	list := make([][]byte, len(objects))
	for i, o := range objects {
		list[i] = o.Raw()
	}
	return list
}

func (o *outbox) close() { o.spool.Close() }
