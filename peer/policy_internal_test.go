package peer

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	v := func(n int64) journal.Version { return journal.Version{Time: n << 16, Origin: "a"} }
	list := func(v ...journal.Version) []journal.Version { return v }
	for name, one := range map[string]struct {
		op            string
		version       journal.Version
		bases         []journal.Version
		current       journal.Version
		known, exists bool
		want          verdict
	}{
		"a new row":                        {op: create, version: v(1), want: apply},
		"an update that follows":           {op: update, version: v(2), bases: list(v(1)), current: v(1), known: true, exists: true, want: apply},
		"one that is here":                 {op: update, version: v(2), bases: list(v(1)), current: v(2), known: true, exists: true, want: already},
		"one beside another":               {op: update, version: v(2), bases: list(v(1)), current: v(3), known: true, exists: true, want: clash},
		"a decision":                       {op: update, version: v(9), bases: list(v(3), v(2)), current: v(2), known: true, exists: true, want: apply},
		"a deletion of a changed row":      {op: remove, version: v(2), bases: list(v(1)), current: v(3), known: true, exists: true, want: clash},
		"an update of a deleted row":       {op: update, version: v(2), bases: list(v(1)), current: v(3), known: true, want: clash},
		"a deletion of no row":             {op: remove, version: v(2), bases: list(v(1)), want: already},
		"a row that comes again":           {op: create, version: v(4), bases: list(v(3)), current: v(3), known: true, want: apply},
		"two rows of one key":              {op: create, version: v(1), current: v(2), known: true, exists: true, want: clash},
		"one from before the journal":      {op: update, version: v(1), exists: true, want: apply},
		"a row beside one from before":     {op: create, version: v(1), exists: true, want: clash},
		"after the first snapshot":         {op: update, version: v(1), current: first("b"), known: true, exists: true, want: apply},
		"on a first snapshot":              {op: update, version: v(1), bases: list(first("a")), exists: true, want: apply},
		"a row that may no longer be seen": {op: forget, version: v(2), bases: list(v(1)), current: v(3), known: true, exists: true, want: apply},
	} {
		require.Equal(t, one.want, judge(one.op, one.version, one.bases, one.current, one.known, one.exists), name)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	row := func(a, b any) journal.Row { return journal.Row{"a": a, "b": b} }
	for name, one := range map[string]struct {
		base, ours, theirs, want journal.Row
	}{
		"each another column": {row("1", "1"), row("2", "1"), row("1", "3"), row("2", "3")},
		"both the same value": {row("1", "1"), row("2", "1"), row("2", "1"), row("2", "1")},
		"both one column":     {row("1", "1"), row("2", "1"), row("3", "1"), nil},
		"deleted here":        {row("1", "1"), nil, row("3", "1"), nil},
		"no base":             {nil, row("2", "1"), row("3", "1"), nil},
		"numbers by value":    {row(json.Number("1.50"), "1"), row(json.Number("1.5"), "1"), row(json.Number("2"), "1"), row(json.Number("2"), "1")},
		"a column that they lack": {row("1", "1"), row("2", "1"), journal.Row{"a": "1"},
			row("2", "1")},
	} {
		got, ok := merge(Conflict{Base: one.base, Ours: one.ours, Theirs: one.theirs})
		require.Equal(t, one.want != nil, ok, name)
		if ok {
			require.Equal(t, one.want, got, name)
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	n := func(s string) any { return json.Number(s) }
	d := func(s string) any { return json.RawMessage(s) }
	require.True(t, same(n("9007199254740993"), n("9007199254740993.0")))
	require.False(t, same(n("9007199254740993"), n("9007199254740992")))
	require.False(t, same(n("1e999999999"), n("1e999999998")), "without a number of that length")
	require.True(t, same(d(`{"a":1,"b":[2]}`), d(`{"b":[2], "a":1}`)))
	require.False(t, same(d(`[1]`), "[1]"))
	require.False(t, same(nil, ""))
	require.True(t, same(nil, nil))
}
