package content_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// line is a line of a statement: nothing tells it from another one but what it says.
type line struct {
	ID       int64       `db:"id"`
	SyncedID string      `db:"synced_id"`
	Text     string      `json:"text" db:"text"`
	Amount   string      `json:"amount" db:"amount" synced:"number"`
	Note     string      `db:"note"`
	Data     synced.Data `db:"synced_data"`
}

func statement(t *testing.T, b *harness.Bundle, api remote.API, change func(*synced.Synced[line])) *synced.Model[line] {
	t.Helper()
	d := synced.Synced[line]{Table: "lines", ID: synced.Content, Remove: synced.Destroy{}, API: api}
	if change != nil {
		change(&d)
	}
	return harness.Model(t, b, d)
}

// fullStrategy asks for everything.
var fullStrategy = strategy.Full{}

func texts(t *testing.T, b *harness.Bundle) []string {
	t.Helper()
	return b.Column(t, "SELECT text FROM lines ORDER BY text, id")
}

func TestContract_C187_TheContentIsTheID(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		list := &lists{}
		m := statement(t, b, list.client(t, false), nil)
		list.set(`{"text":"tea","amount":1,"n":10}`, `{"text":"bread","amount":2.50}`)
		require.Equal(t, harness.Counts{Created: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		before := b.Column(t, "SELECT synced_id FROM lines ORDER BY text DESC")
		require.Equal(t, []string{"73fa4b34f40ea53598f799277c18e885"}, before[:1], "an id stays what it is, whatever version of the library made it")

		list.set(`{"amount":2.50, "text":"br\u0065ad"}`, `{"text":"tea","n":1e1,"amount":1}`)
		require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)), "the spelling means nothing, nor does the order")
		diff, err := m.Check(ctx, synced.NoScope)
		require.NoError(t, err)
		require.True(t, diff.Passed(), "%s", diff)

		b.Execute(t, "UPDATE lines SET text = 'x', note = 'mine' WHERE text = 'tea'")
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		require.Equal(t, []string{"bread", "tea"}, texts(t, b))

		list.set(`{"text":"tea","amount":1,"n":10}`, `{"text":"bread","amount":3}`, `{"text":"salt","amount":9007199254740993}`)
		require.Equal(t, harness.Counts{Created: 2, Unchanged: 1, Removed: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		list.set(`{"text":"tea","amount":1,"n":10}`, `{"text":"bread","amount":3}`, `{"text":"salt","amount":9007199254740992}`)
		require.Equal(t, harness.Counts{Created: 1, Unchanged: 2, Removed: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		require.Equal(t, []string{"mine"}, b.Column(t, "SELECT note FROM lines WHERE text = 'tea'"), "what stayed kept its own columns")
		_, err = m.Remap(ctx, synced.NoScope)
		require.NoError(t, err)

		id := b.Column(t, "SELECT synced_id FROM lines WHERE text = 'tea'")[0]
		found, err := m.Find(ctx, synced.NoScope, id)
		require.NoError(t, err)
		require.Equal(t, "tea", found.Text)
		for _, bad := range []string{"tea", id[1:], id + "/1", id + "/02", id + "/x"} {
			_, err = m.Find(ctx, synced.NoScope, bad)
			require.ErrorContains(t, err, `the hash of its content: 32 hexadecimal digits, and "/2" behind them for the second record with that content`, bad)
		}
		requests := list.requests
		_, err = m.SyncOne(ctx, synced.NoScope, id)
		require.ErrorContains(t, err, "no remote can be asked for one: run Synchronize")
		_, err = m.Synchronize(ctx, synced.NoScope, synced.Call{Strategy: strategy.UpdatedSince{}})
		require.ErrorContains(t, err, "use strategy.Full{}")
		require.Equal(t, requests, list.requests, "nothing was asked")
	})
}

func TestContract_C187_WhatNewRefuses(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		for _, c := range []struct {
			change func(*synced.Synced[line])
			want   string
		}{
			{func(d *synced.Synced[line]) { d.Strategy = strategy.UpdatedSince{} }, "does not tell which rows are old: use strategy.Full{}"},
			{func(d *synced.Synced[line]) { d.Strategy = strategy.Position{} }, "use strategy.Full{}"},
			{func(d *synced.Synced[line]) { d.Partial = true }, "its content can't be the remote id"},
			{func(d *synced.Synced[line]) { d.Remove = synced.Destroy{Verify: synced.VerifyAlways} }, "can't be asked for"},
			{func(d *synced.Synced[line]) { d.ID = []string{"*", "text"} }, "give it alone"},
			{func(d *synced.Synced[line]) { d.IDOf = func(remote.Object) (string, error) { return "a", nil } }, "both ID and IDOf"},
		} {
			d := synced.Synced[line]{Table: "lines", ID: synced.Content, Remove: synced.Destroy{}}
			require.NoError(t, d.CreateTable(ctx, b.DB))
			c.change(&d)
			_, err := synced.New(ctx, b.DB, d)
			require.ErrorContains(t, err, c.want)
		}
		type numbered struct {
			SyncedID int64  `db:"synced_id"`
			Text     string `json:"text" db:"text"`
		}
		_, err := synced.New(ctx, b.DB, synced.Synced[numbered]{Table: "lines", ID: synced.Content})
		require.ErrorContains(t, err, "make the field a string")
	})
}

// Rows that are mapped again, are canceled or come back keep their ids.
// Of many equal records, each is found at once.
// A record that a list which shifted has on two pages may be one, and then another may be on
// none. Without a total, nothing tells.
func TestContract_C187_Guards(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		list := &lists{page: 2, total: true}
		m := statement(t, b, list.client(t, false), nil)
		var items []string
		for n := range 30 {
			items = append(items, fmt.Sprintf(`{"text":"t%02d","amount":%d}`, n, n))
		}
		list.set(items...)
		harness.Sync(t, m, synced.NoScope)

		list.set()
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, "the remote listed nothing at all", result.Refused.Reason)
		list.set(items[:5]...)
		result = harness.Sync(t, m, synced.NoScope)
		require.Contains(t, result.Refused.Reason, "more than 50 % of the scope")
		require.Len(t, texts(t, b), 30)
		refused, err := m.RefusedRemoval(ctx, synced.NoScope)
		require.NoError(t, err)
		require.Len(t, refused.IDs, 25)
		result, err = m.ApproveRemoval(ctx, synced.NoScope, refused.Plan)
		require.NoError(t, err)
		require.Equal(t, 25, result.Removed)

		// A page that fails removes nothing.
		list.set(append(slices.Clone(items[1:6]), items[20])...)
		requests := list.requests
		list.before = func(n int) int {
			if n > requests+1 {
				return 403
			}
			return 0
		}
		_, err = m.Synchronize(ctx, synced.NoScope)
		require.Error(t, err)
		require.Equal(t, []string{"t00", "t01", "t02", "t03", "t04"}, texts(t, b)[:5])
		list.before = nil
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Removed)
	})
}

func TestContract_C187_VolatileAndRedacted(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		list := &lists{}
		m := statement(t, b, list.client(t, false), func(d *synced.Synced[line]) {
			d.Volatile = []string{"meta.at"}
			d.Redact = []synced.Redaction{synced.Drop("secret"), synced.Mask("pin")}
		})
		list.set(`{"text":"tea","amount":1,"meta":{"at":1},"secret":"s","pin":"1"}`, `{"text":"milk","amount":1,"pin":"7"}`)
		harness.Sync(t, m, synced.NoScope)
		list.set(`{"text":"tea","amount":1,"meta":{"at":2},"secret":"t","pin":"2"}`, `{"text":"milk","amount":1,"pin":"8"}`)
		require.Equal(t, harness.Counts{Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		list.set(`{"text":"tea","amount":1,"meta":{"at":3},"pin":"2"}`, `{"text":"milk","amount":1,"pin":"8"}`, `{"text":"milk","amount":1,"pin":"9"}`)
		require.Equal(t, harness.Counts{Created: 1, Unchanged: 2}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)), "records that differ only in what is masked are equal")
	})
}

func TestContract_C187_ChecksAndDryRuns(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		list := &lists{}
		m := statement(t, b, list.client(t, false), nil)
		tea, milk := `{"text":"tea","amount":1}`, `{"text":"milk","amount":1}`
		list.set(tea, milk)
		harness.Sync(t, m, synced.NoScope)
		list.set(tea, tea, tea)
		b.Execute(t, "UPDATE lines SET amount = '5' WHERE text = 'tea'")
		result := harness.Sync(t, m, synced.NoScope, synced.Call{DryRun: true})
		require.Len(t, result.Diff.Missing, 2)
		require.Len(t, result.Diff.Additional, 1)
		require.Len(t, result.Diff.Changed, 1)
		require.Len(t, texts(t, b), 2, "it wrote nothing")
		kept, err := json.Marshal(result.Diff)
		require.NoError(t, err)
		var diff synced.Diff
		require.NoError(t, json.Unmarshal(kept, &diff))
		applied, err := m.Apply(ctx, synced.NoScope, &diff)
		require.NoError(t, err)
		require.Equal(t, harness.Counts{Created: 2, Updated: 1, Removed: 1}, harness.CountsOf(applied))
		check, err := m.Check(ctx, synced.NoScope)
		require.NoError(t, err)
		require.True(t, check.Passed(), "%s", check)
		require.Equal(t, []string{"tea", "tea", "tea"}, texts(t, b))

		given := harness.Parsed(t, milk, milk)
		result, err = m.Synchronize(ctx, synced.NoScope, synced.Call{Records: given})
		require.NoError(t, err)
		require.Equal(t, harness.Counts{Created: 2, Removed: 3}, harness.CountsOf(result))
	})
}
