package compare_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/compare"
	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/rows"
	"github.com/syncedgo/synced/internal/stagetest"
	"github.com/syncedgo/synced/internal/write"
	"github.com/syncedgo/synced/report"
)

// comparison compares with a table that has rows 1, "one", and 2, "two".
func comparison(t *testing.T) *compare.Comparison {
	t.Helper()
	m := stagetest.Rentals(t)
	stagetest.Insert(t, m, stagetest.Scope, 1, "one")
	stagetest.Insert(t, m, stagetest.Scope, 2, "two")
	stagetest.Insert(t, m, 2, 3, "of another scope")
	w := write.New(stagetest.Maker(m), listing.New(listing.Rules{Model: m}), model.Removal{})
	return &compare.Comparison{Writer: w, Q: m.DB}
}

func TestPage(t *testing.T) {
	t.Parallel()
	c := comparison(t)
	var found []report.Difference
	p := stagetest.Accepted(t, c.Writer.Maker, `{"id":1,"name":"one"}`, `{"id":2,"name":"TWO"}`, `{"id":3,"name":"three"}`)
	require.NoError(t, c.Page(t.Context(), p, func(d report.Difference) error {
		found = append(found, d)
		return nil
	}))
	require.Len(t, found, 2)
	require.Equal(t, "2", found[0].Changed.ID)
	require.Equal(t, []report.Field{{Column: "name", Local: "two", Remote: "TWO"}}, found[0].Changed.Fields)
	require.Equal(t, "3", found[1].Missing.ID, "a row of another scope is none")
	require.Equal(t, []string{"one", "two"}, stagetest.Column(t, c.Q, "SELECT name FROM rentals WHERE account_id = 1 ORDER BY 1"))

	stop := errors.New("stop")
	require.Equal(t, stop, c.Page(t.Context(), p, func(report.Difference) error { return stop }))
}

// What a diff found must be as it was.
func TestCheckWritten(t *testing.T) {
	t.Parallel()
	changed := map[string][]report.Field{"2": {{Column: "name", Local: "two", Remote: "TWO"}}}
	for name, x := range map[string]struct {
		since string // what happened since
		stale string
	}{
		"as it was":           {},
		"changed again":       {"UPDATE rentals SET name = 'zwei' WHERE synced_id = 2", "the row was changed"},
		"removed":             {"DELETE FROM rentals WHERE synced_id = 2", "the row is gone"},
		"inserted by another": {"INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 4, 'x')", "a row appeared"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := comparison(t)
			if x.since != "" {
				stagetest.Execute(t, c.Writer.Model, x.since)
			}
			p := stagetest.Accepted(t, c.Writer.Maker, `{"id":2,"name":"TWO"}`, `{"id":4,"name":"four"}`)
			err := c.CheckWritten(t.Context(), p, changed)
			if x.stale == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, report.ErrStale)
			require.ErrorContains(t, err, x.stale)
		})
	}
}

func TestCheckRemoved(t *testing.T) {
	t.Parallel()
	c := comparison(t)
	var additional []report.Additional
	require.NoError(t, rows.Load(t.Context(), c.Q, c.Writer.Model, stagetest.Scope, []backend.ID{backend.IntID(1)}, func(s rows.Stored) error {
		row, err := rows.ByColumn(c.Writer.Model, s)
		additional = append(additional, report.Additional{ID: "1", Row: row})
		return err
	}))
	require.Equal(t, "one", additional[0].Row["name"])
	ids, err := c.CheckRemoved(t.Context(), additional)
	require.NoError(t, err)
	require.Equal(t, "1", ids[0].String())

	stagetest.Execute(t, c.Writer.Model, "UPDATE rentals SET name = 'x' WHERE synced_id = 1")
	_, err = c.CheckRemoved(t.Context(), additional)
	require.ErrorIs(t, err, report.ErrStale)
	stagetest.Execute(t, c.Writer.Model, "DELETE FROM rentals WHERE synced_id = 1")
	_, err = c.CheckRemoved(t.Context(), additional)
	require.ErrorContains(t, err, "the row is gone")
	_, err = c.CheckRemoved(t.Context(), []report.Additional{{ID: "x"}})
	require.Error(t, err)
}
