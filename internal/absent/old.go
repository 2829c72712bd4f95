package absent

import (
	"context"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/remote"
)

// newer is why what an older list tells as deleted may exist.
const newer = "records of older windows of time were deleted then, and may have been created again: they can't be asked for"

// findOld finds the rows to remove of those that the remote calls deleted, where a newer
// list was written before. Each is asked for first.
func (s *Search) findOld(ctx context.Context, f *Found) error {
	told := f.Gone
	slices.SortFunc(told, backend.ID.Compare)
	f.Gone = nil
	listing.Retract(s.Listing)
	m := s.Maker.Model
	stored, err := rows.LoadAll(ctx, m.DB, m, s.Maker.Scope, told)
	if err != nil {
		return fmt.Errorf("find the rows of what was deleted: %w", err)
	}
	told = slices.DeleteFunc(told, func(id backend.ID) bool {
		row, here := stored[id]
		return !here || row.Canceled && s.Removal.Rests()
	})
	if len(told) == 0 {
		return nil
	}
	getter, can := s.API.(remote.Getter)
	switch f.of = len(stored); {
	case s.Allowed:
		f.Gone = told
		return nil
	case !can || s.Removal.Verify == model.VerifyNever:
		f.refuse(told, newer)
		return nil
	}
	controls := s.Listing.Controls()
	others, err := rows.Others(ctx, m.DB, m, s.Maker.Scope, told[0])
	if err != nil {
		return fmt.Errorf("find another record to ask for: %w", err)
	}
	controls = slices.DeleteFunc(append(controls, others...), func(id backend.ID) bool { return slices.Contains(told, id) })
	f.Asked = true
	f.Gone, err = s.askEach(ctx, f, getter, controls, told)
	return err
}
