package ledger

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const quarantine = "{synced_quarantine}"

// Quarantined is a record that could not be mapped.
type Quarantined struct {
	// ScopeID is that of its scope. [EachQuarantined] fills it, nothing reads it.
	ScopeID string
	// ID is the remote id.
	ID string
	// Parent is the local key of the row that a nested record belongs to, and
	// ParentType says in which model's attribute it is nested. Both are empty for
	// records that the API lists.
	ParentType, Parent string
	// Object is the record as it was received, and Error why it can't be mapped.
	Object, Error string
	// Partial reports whether the object leaves out attributes that are not known here.
	Partial bool
	// Attempts is how many runs tried, First and Last when.
	Attempts    int
	First, Last time.Time
}

func quarantinedColumns() []string {
	return []string{"remote_id", "parent_type", "parent_id", "object", "partial", "error", "attempts", "first_at", "last_at"}
}

func scanQuarantined(rows store.Rows, more ...any) (Quarantined, error) {
	var r Quarantined
	var first, last backend.Time
	err := rows.Scan(append([]any{&r.ID, &r.ParentType, &r.Parent, &r.Object, &r.Partial, &r.Error, &r.Attempts, &first, &last}, more...)...)
	r.First, r.Last = first.Time, last.Time
	return r, err
}

// TakeQuarantined takes the records with the ids out of quarantine, and returns
// them in no order. Two transactions that take one record wait for each other.
func TakeQuarantined(ctx context.Context, tx backend.Tx, s Scope, ids []backend.ID) ([]Quarantined, error) {
	return take(ctx, tx, s, anyText(tx, "remote_id", ids))
}

// TakeFamilies does the same with nested records: those with the ids, and those
// of a parent type that belong to one of the parents.
func TakeFamilies(ctx context.Context, tx backend.Tx, s Scope, ids []backend.ID, parentType string, parents []backend.ID) ([]Quarantined, error) {
	return take(ctx, tx, s, squirrel.Expr("(? OR parent_type = ? AND ?)", anyText(tx, "remote_id", ids), parentType, anyText(tx, "parent_id", parents)))
}

func take(ctx context.Context, tx backend.Tx, s Scope, which squirrel.Sqlizer) ([]Quarantined, error) {
	var list []Quarantined
	statement := squirrel.Delete(quarantine).Where(s.where()).Where(which).Suffix("RETURNING " + strings.Join(quarantinedColumns(), ", "))
	err := store.Each(ctx, tx, statement, func(rows store.Rows) error {
		r, err := scanQuarantined(rows)
		list = append(list, r)
		return err
	})
	return list, err
}

// PutQuarantined puts records into quarantine. If another transaction has put one
// there meanwhile, it is replaced and its attempts go up by one.
func PutQuarantined(ctx context.Context, tx store.Tx, s Scope, list []Quarantined) error {
	for some := range slices.Chunk(list, batch) {
		insert := squirrel.Insert(quarantine).Columns(append(scopeColumns(), quarantinedColumns()...)...).
			Suffix("ON CONFLICT (model, scope_type, scope_id, remote_id) DO UPDATE SET parent_type = excluded.parent_type, parent_id = excluded.parent_id," +
				" object = excluded.object, partial = excluded.partial, error = excluded.error, attempts = {synced_quarantine}.attempts + 1, last_at = excluded.last_at")
		for _, r := range some {
			insert = insert.Values(s.values(r.ID, r.ParentType, r.Parent, r.Object, r.Partial, r.Error, r.Attempts, backend.Moment(r.First), backend.Moment(r.Last))...)
		}
		if err := exec(ctx, tx, insert); err != nil {
			return err
		}
	}
	return nil
}

// DropQuarantined drops records from quarantine.
func DropQuarantined(ctx context.Context, tx backend.Tx, s Scope, ids []backend.ID) error {
	for some := range slices.Chunk(ids, batch) {
		if err := exec(ctx, tx, squirrel.Delete(quarantine).Where(s.where()).Where(anyText(tx, "remote_id", some))); err != nil {
			return err
		}
	}
	return nil
}

// QuarantinedIDs lists the remote ids of the records in quarantine that are
// nested as parentType says; "" means those that the API lists.
func QuarantinedIDs(ctx context.Context, q store.Querier, s Scope, parentType string) ([]string, error) {
	var ids []string
	query := squirrel.Select("remote_id").From(quarantine).Where(s.where()).Where(squirrel.Expr("parent_type = ?", parentType)).OrderBy("length(remote_id)", "remote_id")
	err := store.Each(ctx, q, query, func(rows store.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// PartIDs lists the remote ids of those records in quarantine, at most as many as given,
// whose objects leave out attributes that are not known here: those first that were tried
// the longest ago.
func PartIDs(ctx context.Context, q store.Querier, s Scope, most uint64) ([]string, error) {
	var ids []string
	query := squirrel.Select("remote_id").From(quarantine).Where(s.where()).Where("partial").OrderBy("last_at", "remote_id").Limit(most)
	err := store.Each(ctx, q, query, func(rows store.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// HasQuarantined reports whether records of the scope are in quarantine.
func HasQuarantined(ctx context.Context, q store.Querier, s Scope) (bool, error) {
	return store.One(ctx, q, squirrel.Select("1").From(quarantine).Where(s.where()).Limit(1), nil)
}

// QuarantineSizes counts the records in quarantine by model.
func QuarantineSizes(ctx context.Context, q store.Querier) (map[string]int, error) {
	sizes := map[string]int{}
	query := squirrel.Select("model", "count(*)").From(quarantine).GroupBy("model")
	err := store.Each(ctx, q, query, func(rows store.Rows) error {
		var model string
		var n int
		err := rows.Scan(&model, &n)
		sizes[model] = n
		return err
	})
	return sizes, err
}

// readAhead is how many records in quarantine are read at a time.
const readAhead = 100

// EachQuarantined yields the records in quarantine, those that came first in front. It
// holds no connection in between.
func EachQuarantined(ctx context.Context, q store.Querier, s Scope) iter.Seq2[Quarantined, error] {
	order := []string{"first_at", "scope_id", "length(remote_id)", "remote_id"}
	all := squirrel.Select(append(quarantinedColumns(), "scope_id")...).From(quarantine).Where(s.where()).OrderBy(order...).Limit(readAhead)
	return func(yield func(Quarantined, error) bool) {
		query := all
		for {
			var some []Quarantined
			err := store.Each(ctx, q, query, func(rows store.Rows) error {
				var scope string
				r, err := scanQuarantined(rows, &scope)
				r.ScopeID = scope
				some = append(some, r)
				return err
			})
			if err != nil {
				yield(Quarantined{}, err)
				return
			}
			for _, r := range some {
				if !yield(r, nil) {
					return
				}
			}
			if len(some) < readAhead {
				return
			}
			last := some[len(some)-1]
			query = all.Where(squirrel.Expr("("+strings.Join(order, ", ")+") > (?, ?, length(?), ?)", backend.Moment(last.First), last.ScopeID, last.ID, last.ID))
		}
	}
}
