package listing

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/report"
)

// A record counts once, whatever became of it on several pages.
func TestTally_Count(t *testing.T) {
	t.Parallel()
	const quarantined backend.Change = -1
	for name, c := range map[string]struct {
		changes []backend.Change
		want    report.Counts
	}{
		"created":                       {[]backend.Change{backend.Created}, report.Counts{Created: 1}},
		"created, then unchanged":       {[]backend.Change{backend.Created, backend.Unchanged}, report.Counts{Created: 1}},
		"created, then updated":         {[]backend.Change{backend.Created, backend.Updated}, report.Counts{Created: 1}},
		"unchanged, then updated":       {[]backend.Change{backend.Unchanged, backend.Updated}, report.Counts{Updated: 1}},
		"unchanged twice":               {[]backend.Change{backend.Unchanged, backend.Unchanged}, report.Counts{Unchanged: 1}},
		"unchanged, then older":         {[]backend.Change{backend.Unchanged, backend.Older}, report.Counts{Unchanged: 1}},
		"older, then updated":           {[]backend.Change{backend.Older, backend.Updated}, report.Counts{Updated: 1}},
		"older, then unchanged":         {[]backend.Change{backend.Older, backend.Unchanged}, report.Counts{Unchanged: 1}},
		"older twice":                   {[]backend.Change{backend.Older, backend.Older}, report.Counts{Older: 1}},
		"restored, then unchanged":      {[]backend.Change{backend.Restored, backend.Unchanged}, report.Counts{Restored: 1}},
		"quarantined":                   {[]backend.Change{quarantined}, report.Counts{}},
		"unchanged, then quarantined":   {[]backend.Change{backend.Unchanged, quarantined}, report.Counts{}},
		"older, then quarantined":       {[]backend.Change{backend.Older, quarantined}, report.Counts{}},
		"updated, then quarantined":     {[]backend.Change{backend.Updated, quarantined}, report.Counts{Updated: 1}},
		"quarantined, then created":     {[]backend.Change{quarantined, backend.Created}, report.Counts{Created: 1}},
		"unchanged, bad, then restored": {[]backend.Change{backend.Unchanged, quarantined, backend.Restored}, report.Counts{Restored: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tally Tally
			var got report.Counts
			tally.Seen(7)
			for _, change := range c.changes {
				r := &page.Record{Record: backend.Record{ID: backend.IntID(7)}, Outcome: backend.Outcome{Change: change}}
				if change == quarantined {
					r.Outcome = backend.Outcome{Err: errors.New("bad")}
				}
				got.Add(tally.Count(&page.Page{Records: []*page.Record{r}}))
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestTally_Written(t *testing.T) {
	t.Parallel()
	var tally Tally
	for key := range uint64(5) {
		tally.Seen(key)
	}
	require.Zero(t, tally.Written())
	records := make([]*page.Record, 4)
	for i := range records {
		records[i] = &page.Record{Record: backend.Record{ID: backend.IntID(int64(i))}, Outcome: backend.Outcome{Change: backend.Created}}
	}
	tally.Count(&page.Page{Records: records[:1], Same: []uint64{1}})
	require.Equal(t, 2, tally.Written())
	require.Equal(t, []backend.ID{backend.IntID(2), backend.IntID(3)}, tally.Unwritten(records))
	require.Equal(t, report.Counts{}, tally.CountSame(&page.Page{Same: []uint64{1}}), "it was counted")
	require.Equal(t, report.Counts{Unchanged: 1}, tally.CountSame(&page.Page{Same: []uint64{2, 99}}), "99 was not listed")
}
