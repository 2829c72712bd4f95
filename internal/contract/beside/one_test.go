package beside_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// syncOne syncs one record from within a request.
func syncOne(t *testing.T, m *synced.Model[harness.Rental], id int) {
	t.Helper()
	if _, err := m.SyncOne(context.Background(), synced.In(1), id); err != nil {
		t.Errorf("SyncOne: %v", err)
	}
}

// A row that is removed beside a run leaves the run without a validator, so that a
// record which the remote restores as it was comes back.
func TestContract_C102_SyncOneRemovesBesideAConditionalRun(t *testing.T) {
	for _, page := range []int{-1, 0, 2} { // after the run, and beside it
		t.Run(fmt.Sprint(page), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				s, at := strip(t, 3)
				each := s.Each
				s.Each = func(i int, p *remote.Page) {
					each(i, p)
					p.Validator = "v1"
				}
				rentals := harness.Model(t, b, harness.Stripped(s))
				harness.Sync(t, rentals, synced.In(1), synced.Call{Records: objects(s, harness.Records(1, 2, 3, 4, 5)...)})
				gone := func() {
					whole := s.Listing[0]
					s.Listing[0] = append(whole[:4:4], whole[5:]...)
					syncOne(t, rentals, 5)
					s.Listing[0] = whole // restored, as it was
				}
				if at[page] = gone; page < 0 {
					harness.Sync(t, rentals, synced.In(1))
					gone()
				} else {
					harness.Sync(t, rentals, synced.In(1))
				}
				require.Empty(t, b.Column(t, "SELECT validator FROM synced_validators"))
				delete(at, page)
				harness.Sync(t, rentals, synced.In(1))
				require.Len(t, harness.Names(t, rentals, synced.In(1)), 30)
				require.Equal(t, []string{"v1"}, b.Column(t, "SELECT validator FROM synced_validators"))
			})
		})
	}
}

func objects(s *harness.Strip, records ...remotetest.Record) []remote.Object {
	var list []remote.Object
	for _, r := range records {
		list = append(list, s.Object(r))
	}
	return list
}

// A record that exists by SyncOne is neither removed by a run beside it nor kept in
// the removal that this refuses.
func TestContract_C102_SyncOneBesideAPass(t *testing.T) {
	for _, limit := range []float64{1, 0.01} {
		for _, page := range []int{0, 2} {
			t.Run(fmt.Sprint(limit, page), func(t *testing.T) {
				harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
					s, at := strip(t, 3)
					d := harness.Stripped(s)
					d.Remove = synced.Destroy{Verify: synced.VerifyNever, Limit: limit}
					rentals := harness.Model(t, b, d)
					s.Listing = append(s.Listing, harness.Records(100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121))
					harness.Sync(t, rentals, synced.In(1))
					s.Listing = s.Listing[:3]
					s.Single = map[string]remotetest.Record{"105": harness.Records(105)[0]}
					at[page] = func() { syncOne(t, rentals, 105) }
					result := harness.Sync(t, rentals, synced.In(1))
					require.Contains(t, harness.Names(t, rentals, synced.In(1)), "105")
					if limit == 1 {
						require.Equal(t, 21, result.Removed)
						return
					}
					require.Equal(t, 21, result.Refused.Rows)
					result, err := rentals.ApproveRemoval(context.Background(), synced.In(1), result.Refused.Plan)
					require.NoError(t, err)
					require.Equal(t, 21, result.Removed)
					require.Contains(t, harness.Names(t, rentals, synced.In(1)), "105")
				})
			})
		}
	}
}

// What SyncOne wrote beside an earlier run is no reason to keep what given records lack.
func TestContract_C102_GivenRecordsAfterASyncOneBesideARun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s, _ := strip(t, 1)
		d := harness.Stripped(s)
		d.Strategy = strategy.UpdatedSince{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		s.Since = func() (*remote.Page, error) { syncOne(t, rentals, 5); return s.Page(), nil }
		harness.Sync(t, rentals, synced.In(1))
		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Records: objects(s, harness.Records(1, 2, 3)...)})
		require.Equal(t, 7, result.Removed)
		require.Equal(t, []string{"0"}, b.Column(t, "SELECT CAST(count(*) AS text) FROM synced_seen"))
	})
}

// Nor is what an unfinished pass has listed.
func TestContract_C102_GivenRecordsBesideAnUnfinishedPass(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		s, _ := strip(t, 3)
		rentals := harness.Model(t, b, harness.Stripped(s))
		harness.Sync(t, rentals, synced.In(1))
		s.Fails = map[int]error{2: errBroken}
		_, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, errBroken)
		syncOne(t, rentals, 5)
		result := harness.Sync(t, rentals, synced.In(1), synced.Call{Records: objects(s, harness.Records(1, 2, 3)...)})
		require.Equal(t, 27, result.Removed)
	})
}
