package engine

import (
	"bytes"
	"context"
	"math"
	"strconv"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
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

// noted is a change on its way into the table, whose columns its members are.
type noted struct {
	Model     string     `json:"model"`
	ScopeType string     `json:"scope_type"`
	ScopeID   string     `json:"scope_id"`
	Kind      string     `json:"kind"`
	RemoteID  string     `json:"remote_id"`
	Old       report.Row `json:"old_row,omitempty"`
	New       report.Row `json:"new_row,omitempty"`
}

// note takes note of changes for the outbox, where the model has one.
func (r *run) note(list []Change) error {
	if !r.m.Outbox {
		return nil
	}
	scopeType, scopeID := r.m.subject(r.call.Scope).Keys()
	for _, c := range list {
		n := noted{Model: r.m.Table.Name, ScopeType: scopeType, ScopeID: scopeID, Kind: c.Kind.String(), RemoteID: c.ID.String()}
		var err error
		if n.Old, err = r.m.columns(c.Old); err == nil {
			n.New, err = r.m.columns(c.New)
		}
		if err == nil {
			err = r.pending.outbox.add(n)
		}
		if err != nil {
			return &recordError{c.ID.String(), err}
		}
	}
	return nil
}

// columns is a row, a pointer to the model's type, by its columns.
func (m *Model) columns(value any) (report.Row, error) {
	if value == nil {
		return nil, nil
	}
	rec := m.Plan.RecordOf(value)
	row := make(report.Row, len(rec.Pointers))
	for c, column := range m.Table.Columns {
		v, err := backend.Plain(rec.Pointers[c])
		if err != nil {
			return nil, err
		}
		if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			v = strconv.FormatFloat(f, 'g', -1, 64) // JSON has no such number
		}
		row[column.Name] = v
	}
	return row, nil
}

func (o *outbox) add(n noted) error {
	text, err := json.Marshal(n, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return err
	}
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

// append writes what was noted. The row that has the last id stays locked until
// the commit, so that changes become visible in the order of their ids: with a
// sequence, a reader could see 7 and pass it before 6 is committed, and never see
// 6.
func (o *outbox) append(ctx context.Context, tx backend.Tx) error {
	if o.count == 0 {
		return nil
	}
	last, err := o.reserve(ctx, tx)
	if err != nil {
		return err
	}
	next := last - o.count + 1
	for page, err := range o.spool.Pages() {
		if err == nil {
			err = insertChanges(ctx, tx, next, page.Objects)
		}
		if err != nil {
			return err
		}
		next += int64(len(page.Objects))
	}
	return insertChanges(ctx, tx, next, o.held.objects)
}

// reserve takes the ids that the changes get, and returns the last of them.
func (o *outbox) reserve(ctx context.Context, tx backend.Tx) (last int64, err error) {
	rows, err := tx.Query(ctx, squirrel.Expr("UPDATE synced_outbox SET last_id = last_id + ? RETURNING last_id", o.count))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&last); err != nil {
			return 0, err
		}
	}
	return last, rows.Err()
}

// insertChanges writes changes with ids from first on. They are sent as one JSON
// object, which both databases take apart in the same way.
func insertChanges(ctx context.Context, tx backend.Tx, first int64, changes []remote.Object) error {
	if len(changes) == 0 {
		return nil
	}
	var text bytes.Buffer
	for i, c := range changes {
		text.WriteString(map[bool]string{true: `{"`, false: `,"`}[i == 0] + strconv.FormatInt(first+int64(i), 10) + `":`)
		text.Write(c.Raw())
	}
	text.WriteByte('}')
	_, err := tx.Exec(ctx, squirrel.Expr(
		"INSERT INTO synced_changes (id, model, scope_type, scope_id, kind, remote_id, old_row, new_row, at)"+
			" SELECT CAST(key AS bigint), value ->> 'model', value ->> 'scope_type', value ->> 'scope_id', value ->> 'kind',"+
			" value ->> 'remote_id', value ->> 'old_row', value ->> 'new_row', ? FROM json_each(?)",
		moment(time.Now()), text.String()))
	return err
}

func (o *outbox) close() { o.spool.Close() }
