package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/report"
)

func TestFreshness_String(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time {
		return time.Date(2026, 3, 1, hour, 0, 0, 0, time.FixedZone("there", 3600))
	}
	require.Equal(t, "never in step; never complete", report.Freshness{}.String())
	f := report.Freshness{LastAttempt: at(5), LastSuccess: at(4), LastComplete: at(3), Unfinished: true, UnfinishedPass: at(2), NotBefore: at(6), Error: "no"}
	text := "in step as of 2026-03-01T03:00:00Z; complete as of 2026-03-01T02:00:00Z; the last run, at 2026-03-01T04:00:00Z, failed: no; " +
		"the run that began at 2026-03-01T04:00:00Z is under way, or was killed; the next run resumes a pass of 2026-03-01T01:00:00Z; " +
		"the remote may be asked again at 2026-03-01T05:00:00Z"
	require.Equal(t, text, f.String())
	require.Equal(t, "rentals (7): "+text+"; 1 record in quarantine; the removal of 2 rows waits for approval",
		report.ScopeFreshness{Model: "rentals", Scope: "7", Freshness: f, Quarantined: 1, Refused: 2}.String())
	require.Equal(t, "rentals: never in step; never complete", report.ScopeFreshness{Model: "rentals"}.String())
}
