package listing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/strategy"
)

func TestClock(t *testing.T) {
	t.Parallel()
	hour := noon.Add(time.Hour)
	largest := strategy.LargestValue{Attribute: "at"}
	for name, c := range map[string]struct {
		sources []strategy.TimeSource
		page    remote.Page
		records []string
		want    time.Time
		source  string
		err     error
	}{
		"the remote's": {sources: []strategy.TimeSource{strategy.RemoteClock{}, strategy.ResponseDate{}}, page: remote.Page{SyncedAt: noon, Date: hour}, want: noon, source: "remote"},
		"the next one": {sources: []strategy.TimeSource{strategy.RemoteClock{}, strategy.ResponseDate{}}, page: remote.Page{Date: hour}, want: hour, source: "date"},
		"local":        {sources: []strategy.TimeSource{strategy.LocalClock{Margin: time.Minute}}, want: noon.Add(-time.Minute), source: "local"},
		"largest":      {sources: []strategy.TimeSource{largest}, records: []string{`{"at":"2026-03-04T12:00:00Z"}`, `{"at":"2026-03-04T11:00:00Z"}`}, want: noon, source: "largest at"},
		"no record":    {sources: []strategy.TimeSource{largest}, source: "largest at"},
		"none":         {sources: []strategy.TimeSource{strategy.RemoteClock{}}, err: report.ErrNoSyncTime},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var k clock
			require.ErrorIs(t, k.start(c.sources, &c.page, noon), c.err)
			for _, o := range objects(t, c.records...) {
				require.NoError(t, k.record(o))
			}
			require.Equal(t, c.want, k.at)
			require.Equal(t, c.source, k.name())
			again, ok := restore(c.sources, k.name(), k.at)
			require.Equal(t, c.err == nil, ok)
			if ok {
				require.Equal(t, k, again)
			}
		})
	}
}

func TestTotals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		totals []int // negative where a page tells none
		seen   int
		doubt  string
		missed string
	}{
		"none told":           {totals: []int{-1, -1}, seen: 5},
		"as many":             {totals: []int{3, 3}, seen: 3},
		"more than told":      {totals: []int{3}, seen: 4},
		"fewer":               {totals: []int{3, 3}, seen: 2, doubt: "the remote says it has 3 records and listed 2", missed: "the remote said that it has 3 records and listed 2"},
		"it grew":             {totals: []int{3, 4}, seen: 4, doubt: "it had 3 records at first and 4 in the end"},
		"it grew unseen":      {totals: []int{3, 4}, seen: 3, doubt: "it had 3 records at first and 4 in the end"},
		"fewer than at first": {totals: []int{5, 6}, seen: 4, doubt: "it had 5 records at first and 6 in the end", missed: "the remote said that it has 5 records and listed 4"},
		"it shrank":           {totals: []int{4, 3}, seen: 4, doubt: "it had 4 records at first and 3 in the end", missed: "shrank"},
		"it shrank and grew":  {totals: []int{4, 3, 4}, seen: 4, doubt: "it had 4 records at first and 4 in the end", missed: "shrank"},
		"told later":          {totals: []int{-1, 3}, seen: 2, doubt: "has 3 records and listed 2", missed: "has 3 records and listed 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var k totals
			for _, total := range c.totals {
				k.add(&remote.Page{Total: total, TotalKnown: total >= 0})
			}
			contains(t, c.doubt, k.doubt(c.seen))
			contains(t, c.missed, k.missed(c.seen))
		})
	}
}

// contains compares a reason, of which only a part is given.
func contains(t *testing.T, want, got string) {
	t.Helper()
	if want == "" {
		require.Empty(t, got)
		return
	}
	require.Contains(t, got, want)
}
