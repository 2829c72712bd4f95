package rows

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/store"
)

// readAhead is how many rows are read at a time where no connection is held between
// them.
const readAhead = 500

// Each reads the rows of a scope in the order of their remote ids. Those with
// translations are read some at a time: a connection can't read both at once. So are
// those of a store that has one connection: found may need it.
func Each(ctx context.Context, m *model.Model, scope any, found func(Stored) error) error {
	id := store.Quote(m.Table.ID)
	all := Selecting(m).Where(m.Table.Where(scope)).OrderBy(id)
	if m.Table.Translations == nil && m.DB.Parallel() {
		return Read(ctx, m.DB, m, all, found)
	}
	query := all
	for most := readAhead; ; {
		var some []Stored
		err := Read(ctx, m.DB, m, query.Limit(uint64(most)), func(s Stored) error {
			some = append(some, s)
			return nil
		})
		if err != nil {
			return err
		}
		whole := some
		if len(some) == most {
			whole = some[:len(some)-sameAtEnd(some)]
		}
		if err := translated(ctx, m, whole, found); err != nil || len(some) < most {
			return err
		}
		if len(whole) == 0 {
			most *= 2 // rows of as many scopes, all of one id
			continue
		}
		query, most = all.Where(squirrel.Expr(id+" >= ?", some[len(whole)].ID.Value())), readAhead
	}
}

// sameAtEnd returns how many of the last rows have one remote id: in other scopes, more
// may.
func sameAtEnd(list []Stored) int {
	n := 1
	for n < len(list) && list[len(list)-1-n].ID == list[len(list)-1].ID {
		n++
	}
	return n
}

// translated calls found with rows and their translations.
func translated(ctx context.Context, m *model.Model, list []Stored, found func(Stored) error) error {
	read := make([]backend.Row, len(list))
	for i, s := range list {
		read[i] = s.Row
	}
	err := Translate(ctx, m.DB, m, read...)
	for i := 0; err == nil && i < len(list); i++ {
		err = found(list[i])
	}
	return err
}
