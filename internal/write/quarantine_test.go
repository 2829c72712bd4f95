package write

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
)

func TestTooMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		invalid, seen int
		limit         float64
		want          bool
	}{
		{20, 20, 0.1, false}, // few records may all be bad
		{3, 21, 0.1, true},
		{2, 21, 0.1, false},
		{10, 100, 0.1, false},
		{11, 100, 0.1, true},
		{100, 100, 1, false},
		{1, 21, 0, true},
	} {
		require.Equal(t, c.want, tooMany(c.invalid, c.seen, c.limit), "%d of %d, %v", c.invalid, c.seen, c.limit)
	}
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	before := now.Add(-time.Hour)
	record := func(lay *ledger.Quarantined) *page.Record {
		return &page.Record{Record: backend.Record{ID: backend.IntID(7), Parent: backend.IntID(3)}, Quarantined: lay,
			Outcome: backend.Outcome{Err: &model.RecordError{Record: "7", Err: errors.New("price: bad")}}}
	}
	q := &quarantine{kept: map[uint64]struct{}{}}
	require.Equal(t, ledger.Quarantined{ID: "7", Error: "price: bad", Attempts: 1, First: now, Last: now}, q.invalid(t.Context(), record(nil), now))

	lay := &ledger.Quarantined{ID: "7", Attempts: 4, First: before, Last: before, ParentType: "rentals.photos", Parent: "1"}
	require.Equal(t, ledger.Quarantined{ID: "7", Error: "price: bad", Attempts: 5, First: before, Last: now}, q.invalid(t.Context(), record(lay), now))
	q.kept[7] = struct{}{}
	require.Equal(t, 4, q.invalid(t.Context(), record(lay), now).Attempts, "one attempt a run")

	q.nested = "estates.cabins"
	nested := q.invalid(t.Context(), record(lay), now)
	require.Equal(t, "estates.cabins", nested.ParentType)
	require.Equal(t, "3", nested.Parent)
}
