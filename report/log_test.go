package report_test

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/report"
)

// logged returns a result as a text handler writes it.
func logged(r report.Result) string {
	var b bytes.Buffer
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey {
			return slog.Attr{}
		}
		return a
	}
	slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: drop})).Info("", "result", r)
	return b.String()
}

func TestResult_LogValue(t *testing.T) {
	t.Parallel()
	require.Equal(t, "result.created=0 result.updated=0 result.unchanged=0 result.removed=0 result.restored=0"+
		" result.records=0 result.pages=0 result.requests=0 result.bytes=0 result.duration=0s\n", logged(report.Result{}))
	full := report.Result{
		Counts: report.Counts{Created: 1, Quarantined: 2, Older: 3}, Children: map[string]report.Counts{"rooms": {Updated: 4}},
		Records: 5, Pages: 6, Requests: 7, Bytes: 8, Duration: time.Second, Since: time.Unix(0, 0).UTC(),
		NotStored: "e\x1b[31m\u202e", Resumed: true, Gone: true, Tombstones: 9, Unknown: []string{"a", "b\n"},
		Refused:    &report.Refusal{Rows: 1, Of: 2, Reason: "no\nproof", Plan: "p"},
		NotDeleted: []report.NotDeleted{{Table: "rooms", Rows: 2, Records: []string{"7", "a\nb"}}},
	}
	require.Equal(t, `result.created=1 result.updated=0 result.unchanged=0 result.removed=0 result.restored=0 result.quarantined=2 result.older=3`+
		` result.records=5 result.pages=6 result.requests=7 result.bytes=8 result.duration=1s`+
		` result.children.rooms.created=0 result.children.rooms.updated=4 result.children.rooms.unchanged=0 result.children.rooms.removed=0 result.children.rooms.restored=0`+
		` result.since=1970-01-01T00:00:00.000Z result.not_stored=e\x1b[31m\u202e result.resumed=true result.gone=true result.tombstones=9`+
		` result.unknown="[a b\\n]" result.refused.rows=1 result.refused.of=2 result.refused.reason=no\nproof result.refused.plan=p`+
		` result.not_deleted="[2 rows of rooms not removed (7, a\\nb): the database skips the statement, and raises no error: a trigger, a rule or row level security of the table]"`+"\n", logged(full))
}
