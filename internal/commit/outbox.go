package commit

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/spool"
	"github.com/syncedgo/synced/remote"
)

// outbox gathers the changes of a transaction, which are appended as its last
// statements: the appending transactions follow one another, and so wait for each
// other no longer than that. What is too much for memory is spooled.
type outbox struct {
	held  []remote.Object
	bytes int
	spool spool.Spool
	count int64
}

// outboxMemory is how many bytes of changes are held as they are, and how many
// an INSERT carries.
const outboxMemory = 8 << 20

// publish takes note of changes for the outbox.
func (t *Tx) publish(m *model.Model, scope any, list []model.Change) error {
	of := m.Scope(scope)
	for _, c := range list {
		text, err := encode(m, of, c)
		if err == nil {
			err = t.outbox.add(text)
		}
		if err != nil {
			return &model.RecordError{Record: c.ID.String(), Err: err}
		}
	}
	return nil
}

func encode(m *model.Model, scope ledger.Scope, c model.Change) ([]byte, error) {
	before, err := columns(m, c.Old)
	if err != nil {
		return nil, err
	}
	after, err := columns(m, c.New)
	if err != nil {
		return nil, err
	}
	return ledger.EncodeChange(scope, c.Kind.String(), c.ID.String(), before, after)
}

// columns returns a row, a pointer to the model's type, by its columns.
func columns(m *model.Model, value any) (map[string]any, error) {
	if value == nil {
		return nil, nil
	}
	row := m.Plan.RowOf(value)
	by := make(map[string]any, len(row.Pointers))
	for c, column := range m.Table.Columns {
		v, err := backend.Plain(row.Pointers[c])
		if err != nil {
			return nil, err
		}
		by[column.Name] = v
	}
	return by, nil
}

func (o *outbox) add(text []byte) error {
	object, err := remote.ParseObject(text)
	if err != nil {
		return err
	}
	o.held = append(o.held, object)
	o.count++
	if o.bytes += len(text); o.bytes < outboxMemory {
		return nil
	}
	err = o.spool.Add(0, o.held)
	o.held, o.bytes = nil, 0
	return err
}

// append writes what was published.
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
	return ledger.AppendChanges(ctx, tx, next, raw(o.held))
}

func raw(objects []remote.Object) [][]byte {
	list := make([][]byte, len(objects))
	for i, o := range objects {
		list[i] = o.Raw()
	}
	return list
}

func (o *outbox) close() { o.spool.Close() }
