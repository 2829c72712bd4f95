package engine

import (
	"context"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
)

// ParentKeys yields the local keys of the parents of a root, in their order: those that a
// run goes through. No query is open while one is yielded.
func ParentKeys(ctx context.Context, m *model.Model, root any) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		var after *backend.ID
		for {
			list, err := rows.Listed(ctx, m.DB, m.Each, root, after, parentsAhead)
			if err != nil {
				yield(nil, m.Whole().Fail(root, fmt.Errorf("the parents in %s: %w", m.Each.Parent.Table.Name, err)))
				return
			}
			for i := range list {
				if !yield(list[i].Key.Value(), nil) {
					return
				}
			}
			if len(list) < parentsAhead {
				return
			}
			after = &list[len(list)-1].Key
		}
	}
}
