package absent

import (
	"context"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/internal/rows"
)

// Guard withholds the rows whose records the remote says it deleted, where they are too many
// to believe it without a person.
func (s *Search) Guard(ctx context.Context, f *Found) error {
	if !s.Removal.On() || s.Given {
		return nil
	}
	var told []backend.ID
	for _, id := range f.Gone {
		if s.Listing.IsGone(id) {
			told = append(told, id)
		}
	}
	if len(told) <= proof.FewTold {
		return nil
	}
	m := s.Maker.Model
	here, all, err := rows.Present(ctx, m.DB, m, s.Maker.Scope, s.Removal, told)
	if err != nil {
		return fmt.Errorf("count the rows of what was deleted: %w", err)
	}
	reason := proof.Told{Rows: len(here), Of: all, Limit: s.Removal.Limit, Allowed: s.Allowed}.Refused()
	if reason == "" {
		return nil
	}
	f.Gone = slices.DeleteFunc(f.Gone, s.Listing.IsGone)
	f.of = all
	if f.Refused != nil {
		reason = f.Refused.Reason + "; and " + reason
	}
	f.refuse(append(f.Withheld, here...), reason)
	return nil
}
