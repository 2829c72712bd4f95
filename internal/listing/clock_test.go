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
		"the remote's":            {sources: []strategy.TimeSource{strategy.RemoteClock{}, strategy.ResponseDate{}}, page: remote.Page{SyncedAt: noon, Date: hour}, want: noon, source: "remote"},
		"the next one":            {sources: []strategy.TimeSource{strategy.RemoteClock{}, strategy.ResponseDate{}}, page: remote.Page{Date: hour}, want: hour, source: "date"},
		"local":                   {sources: []strategy.TimeSource{strategy.LocalClock{Margin: time.Minute}}, want: noon.Add(-time.Minute), source: "local"},
		"largest":                 {sources: []strategy.TimeSource{largest}, page: remote.Page{Date: hour}, records: []string{`{"at":"2026-03-04T12:00:00Z"}`, `{"at":"2026-03-04T11:00:00Z"}`}, want: noon, source: "largest at"},
		"not before the remote's": {sources: []strategy.TimeSource{strategy.RemoteClock{}, largest}, page: remote.Page{SyncedAt: noon}, records: []string{`{"at":"2026-03-04T11:00:00Z"}`}, want: noon, source: "remote"},
		"in a path":               {sources: []strategy.TimeSource{strategy.LargestValue{Attribute: "meta.at"}}, page: remote.Page{Date: hour}, records: []string{`{"meta":{"at":"2026-03-04T12:00:00Z"}}`}, want: noon, source: "largest meta.at"},
		"later than the answer":   {sources: []strategy.TimeSource{largest}, page: remote.Page{Date: noon}, records: []string{`{"at":"2099-01-01T00:00:00Z"}`}, want: noon, source: "largest at"},
		"later than the request":  {sources: []strategy.TimeSource{largest}, records: []string{`{"at":"2099-01-01T00:00:00Z"}`}, want: noon, source: "largest at"},
		"later than some request": {sources: []strategy.TimeSource{largest}, records: []string{`{"at":"2099-01-01T00:00:00Z"}`, `{"at":"2026-03-04T11:00:00Z"}`}, want: noon.Add(-time.Hour), source: "largest at"},
		"of a cache":              {sources: []strategy.TimeSource{strategy.ResponseDate{}}, page: remote.Page{Date: hour, Age: time.Hour}, want: noon, source: "date"},
		"largest of a cache":      {sources: []strategy.TimeSource{largest}, page: remote.Page{Date: hour, Age: time.Hour}, records: []string{`{"at":"2026-03-04T12:30:00Z"}`}, want: noon, source: "largest at"},
		"local, of a cache":       {sources: []strategy.TimeSource{strategy.LocalClock{}}, page: remote.Page{Age: time.Minute}, want: noon.Add(-time.Minute), source: "local"},
		"no date of a cache":      {sources: []strategy.TimeSource{strategy.ResponseDate{}}, page: remote.Page{Age: time.Minute}, err: report.ErrNoSyncTime},
		"no record":               {sources: []strategy.TimeSource{largest}},
		"null":                    {sources: []strategy.TimeSource{largest}, records: []string{`{"at":null}`}},
		"null, with a fallback":   {sources: []strategy.TimeSource{largest, strategy.ResponseDate{}, strategy.LocalClock{}}, page: remote.Page{Date: hour}, records: []string{`{"at":null}`}, want: hour, source: "date"},
		"one can't be read":       {sources: []strategy.TimeSource{largest}, page: remote.Page{Date: hour}, records: []string{`{"at":"soon"}`, `{"at":"2026-03-04T12:00:00Z"}`}, want: noon, source: "largest at"},
		"none, with a fallback":   {sources: []strategy.TimeSource{largest, strategy.ResponseDate{}}, page: remote.Page{Date: hour}, records: []string{`{"at":"soon"}`}, want: hour, source: "date"},
		"none":                    {sources: []strategy.TimeSource{strategy.RemoteClock{}}, err: report.ErrNoSyncTime},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var k clock
			require.ErrorIs(t, k.start(c.sources, &c.page, noon), c.err)
			for _, o := range objects(t, c.records...) {
				k.record(o, readTime)
			}
			require.NoError(t, k.check(len(c.records)))
			at, source := k.time()
			require.Equal(t, c.want, at)
			require.Equal(t, c.source, source)
		})
	}
	var k clock
	require.NoError(t, k.start([]strategy.TimeSource{strategy.LargestValue{Attribute: "typo"}}, &remote.Page{}, noon))
	k.record(objects(t, `{"at":null}`)[0], readTime)
	require.ErrorContains(t, k.check(1), `no record of the first page has the attribute "typo"`)

	require.NoError(t, k.start([]strategy.TimeSource{strategy.LargestValue{Attribute: "at"}}, &remote.Page{}, noon))
	k.record(objects(t, `{"at":"soon"}`)[0], readTime)
	require.ErrorContains(t, k.check(1), "no record of the first page has a time that can be read: at: ")
	require.Contains(t, k.lacks(1), "no record has a time that can be read: at: ")
	require.Empty(t, k.lacks(0))
}
