package ledger

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
	"github.com/syncedgo/synced/store"
)

const (
	changes = "{synced_changes}"
	outbox  = "{synced_outbox}"
)

// Change is a change in the outbox.
type Change struct {
	// ID grows from change to change, in the order of the commits.
	ID    int64
	Scope Scope
	// Kind is what happened, by its name: "created", "removed".
	Kind string
	// RemoteID is the record's remote id.
	RemoteID string
	// Old and New are the row before and after as a JSON object by columns; nil
	// where there is none.
	Old, New []byte
	At       time.Time
}

// written is a change on its way into the table, whose columns its members are.
type written struct {
	Model     string         `json:"model"`
	ScopeType string         `json:"scope_type"`
	ScopeID   string         `json:"scope_id"`
	Kind      string         `json:"kind"`
	RemoteID  string         `json:"remote_id"`
	Old       map[string]any `json:"old_row,omitempty"`
	New       map[string]any `json:"new_row,omitempty"`
}

// EncodeChange returns a change as [AppendChanges] takes it, a JSON object. Old
// and updated are the row before and after, by columns; nil where there is none.
// Their values are what [backend.Plain] returns. Infinities and NaN, which JSON
// does not have, become text.
func EncodeChange(s Scope, kind, remoteID string, old, updated map[string]any) ([]byte, error) {
	return json.Marshal(written{s.Model, s.Type, s.ID, kind, remoteID, encodable(old), encodable(updated)},
		json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
}

// encodable is a row whose values JSON has.
func encodable(row map[string]any) map[string]any {
	if row == nil {
		return nil
	}
	encoded := make(map[string]any, len(row))
	for column, v := range row {
		if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			v = strconv.FormatFloat(f, 'g', -1, 64)
		}
		encoded[column] = v
	}
	return encoded
}

// ReserveChanges takes ids for n changes, and returns the first. The row that has
// the last id stays locked until the commit, so that changes become visible in the
// order of their ids: with a sequence, a reader could see 7 and pass it before 6 is
// committed, and never see 6.
func ReserveChanges(ctx context.Context, tx store.Tx, n int64) (first int64, err error) {
	var last int64
	_, err = store.One(ctx, tx, squirrel.Expr("UPDATE "+outbox+" SET last_id = last_id + ? RETURNING last_id", n), &last)
	return last - n + 1, err
}

// AppendChanges writes changes that [EncodeChange] made, with ids from first on.
// They are sent as one JSON object, which both databases take apart in the same
// way.
func AppendChanges(ctx context.Context, tx store.Tx, first int64, list [][]byte) error {
	if len(list) == 0 {
		return nil
	}
	var text bytes.Buffer
	for i, c := range list {
		text.WriteString(map[bool]string{true: `{"`, false: `,"`}[i == 0] + strconv.FormatInt(first+int64(i), 10) + `":`)
		text.Write(c)
	}
	text.WriteByte('}')
	return exec(ctx, tx, squirrel.Expr(
		"INSERT INTO "+changes+" (id, model, scope_type, scope_id, kind, remote_id, old_row, new_row, at)"+
			" SELECT CAST(key AS bigint), value ->> 'model', value ->> 'scope_type', value ->> 'scope_id', value ->> 'kind',"+
			" value ->> 'remote_id', value ->> 'old_row', value ->> 'new_row', ? FROM json_each(?)",
		backend.Moment(time.Now()), text.String()))
}

// LastChange returns the id of the last change that is committed. Every change
// with a smaller id is committed as well.
func LastChange(ctx context.Context, q store.Querier) (id int64, err error) {
	_, err = store.One(ctx, q, squirrel.Select("last_id").From(outbox), &id)
	return id, err
}

// PositionBefore returns the position before the first change that is kept and was
// made at a time or later, or after the last change where there is none.
func PositionBefore(ctx context.Context, q store.Querier, at time.Time) (int64, error) {
	last, err := LastChange(ctx, q)
	if err != nil {
		return 0, err
	}
	var first *int64
	_, err = store.One(ctx, q, squirrel.Select("min(id)").From(changes).Where(squirrel.Expr("at >= ?", backend.Moment(at))), &first)
	if err != nil || first == nil {
		return last, err
	}
	return *first - 1, nil
}

// ChangesAfter reads the changes after a position, at most limit of them, in
// order. Models, where given, are the only ones whose changes count.
func ChangesAfter(ctx context.Context, q store.Querier, position int64, models []string, limit int) ([]Change, error) {
	query := squirrel.Select("id", "model", "scope_type", "scope_id", "kind", "remote_id", "old_row", "new_row", "at").
		From(changes).Where("id > ?", position).OrderBy("id").Limit(uint64(limit))
	if len(models) > 0 {
		query = query.Where(squirrel.Eq{"model": models})
	}
	var list []Change
	err := store.Each(ctx, q, query, func(rows store.Rows) error {
		var c Change
		var old, updated *string
		var at backend.Time
		if err := rows.Scan(&c.ID, &c.Scope.Model, &c.Scope.Type, &c.Scope.ID, &c.Kind, &c.RemoteID, &old, &updated, &at); err != nil {
			return err
		}
		c.At = at.Time
		if old != nil {
			c.Old = []byte(*old)
		}
		if updated != nil {
			c.New = []byte(*updated)
		}
		list = append(list, c)
		return nil
	})
	return list, err
}

// PruneChanges drops changes that were made before a time and that every consumer has
// passed, the first of them, up to most. It returns how many. It reads no more than it drops:
// changes stand in the order of their commits, which is that of their times but for clocks
// that differ.
func PruneChanges(ctx context.Context, tx store.Tx, before time.Time, most int) (int64, error) {
	return tx.Exec(ctx, squirrel.Expr("DELETE FROM "+changes+" WHERE id IN (SELECT id FROM "+changes+
		" WHERE id < coalesce((SELECT id FROM "+changes+" WHERE at >= ? ORDER BY id LIMIT 1), (SELECT last_id + 1 FROM "+outbox+"))"+
		" AND NOT EXISTS (SELECT 1 FROM "+consumers+" WHERE position < "+changes+".id) ORDER BY id LIMIT ?)",
		backend.Moment(before), most))
}
