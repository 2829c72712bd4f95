package synced_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// Cabin is a model with versions, of whole seconds.
type Cabin struct {
	ID        int64               `db:"id"`
	SyncedID  int64               `json:"id" db:"synced_id"`
	AccountID int64               `db:"account_id"`
	Name      string              `json:"name" db:"name" validate:"ne=bad"`
	ChangedAt *time.Time          `json:"changed_at" db:"changed_at"`
	Title     synced.Translations `json:"title" db:"title" synced:"translated"`
	Canceled  *time.Time          `db:"canceled_at"`
}

// Pool is nested in a villa, and has versions of its own.
type Pool struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	VillaID  int64  `db:"villa_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
	Rev      int    `json:"rev" db:"rev"`
}

// at is the spelling of a version.
func at(n int) string { return time.Unix(int64(1e9+n), 0).UTC().Format(time.RFC3339) }

// cabin is a record named for its version.
func cabin(id, n int, name string, pools ...any) remotetest.Record {
	return remotetest.Record{"id": id, "name": name, "changed_at": at(n), "title": nested{"en": name}, "pools": pools}
}

func pool(id, rev int, name string) any {
	return nested{"id": id, "name": name, "rev": rev}
}

// cabins declares the models.
func cabins(t *testing.T, b *bundle, change func(*synced.Synced[Cabin])) *synced.Model[Cabin] {
	t.Helper()
	d := synced.Synced[Cabin]{Table: "villas", Scope: "account_id", Strategy: strategy.Full{}, Version: "changed_at",
		Remove: synced.Cancel("canceled_at"), Invalid: synced.Quarantine, Outbox: true}
	require.NoError(t, d.CreateTable(context.Background(), b.db))
	pools := model(t, b, synced.Synced[Pool]{Table: "pools", Version: "rev"})
	d.Associations = []synced.Association{synced.HasMany(pools, "pools", "villa_id")}
	if change != nil {
		change(&d)
	}
	return bind(t, b, d)
}

// estateOf reads the villas with what belongs to them.
func estateOf(t *testing.T, b *bundle) []string {
	t.Helper()
	text := "COALESCE((SELECT title FROM villas_translations WHERE parent_id = v.id AND locale = 'en'), '-')"
	list := "string_agg(p.name, ',' ORDER BY p.synced_id)"
	if b.pool == nil {
		list = "group_concat(p.name, ',' ORDER BY p.synced_id)"
	}
	return column(t, b, "SELECT v.name || ' ' || "+text+" || ' ' || COALESCE((SELECT "+list+" FROM pools p WHERE p.villa_id = v.id), '-') || CASE WHEN v.canceled_at IS NULL THEN '' ELSE ' cancelled' END FROM villas v ORDER BY v.synced_id")
}

// objects are records as a caller gives them.
func objects(t *testing.T, b *bundle, records ...remotetest.Record) []remote.Object {
	t.Helper()
	list := []remote.Object{}
	for _, r := range records {
		c := b.srv.Collection("made")
		c.Put(r)
		raw, _ := c.Raw(r["id"])
		o, err := remote.ParseObject([]byte(raw))
		require.NoError(t, err)
		list = append(list, o)
	}
	return list
}

// An older record writes nothing: not the row, nor its children, nor its
// translations, and says so.
func TestContract_C61_AnOlderRecordWritesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := context.Background()
		var events []string
		m := cabins(t, b, func(d *synced.Synced[Cabin]) { d.OnChange = noting[Cabin](&events, "villa") })
		b.srv.Collection("villas").Put(cabin(1, 5, "five", pool(1, 5, "p5"), pool(2, 5, "q5")), cabin(2, 5, "other"))
		synchronize(t, m, synced.In(1))
		changes := column(t, b, "SELECT count(*) || '' FROM synced_changes")
		events = nil

		b.srv.Collection("villas").Put(cabin(1, 4, "four", pool(1, 4, "p4"), pool(3, 4, "r4")))
		result := synchronize(t, m, synced.In(1))
		require.Equal(t, synced.Counts{Unchanged: 1, Older: 1}, result.Counts)
		require.Contains(t, result.String(), "1 unchanged, 0 removed, 0 restored, 1 older; ")
		require.Equal(t, []string{"five five p5,q5", "other other -"}, estateOf(t, b), "it counts as seen, and so do its children")
		require.Empty(t, events)
		require.Equal(t, changes, column(t, b, "SELECT count(*) || '' FROM synced_changes"))

		// A check finds nothing to mend, and tells.
		diff, err := m.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.True(t, diff.Passed())
		require.Len(t, diff.Older, 1)
		require.Equal(t, "villas (account_id 1): 2 compared, nothing differs, 1 older than their rows\nolder: record 1: its row has a newer version\n", diff.String())
		result = synchronize(t, m, synced.In(1), synced.Call{DryRun: true})
		require.Len(t, result.Diff.Older, 1)
		result, err = m.Apply(ctx, synced.In(1), diff)
		require.NoError(t, err)
		require.Equal(t, synced.Counts{}, result.Counts)

		// The children have versions of their own.
		b.srv.Collection("villas").Put(cabin(1, 6, "six", pool(1, 6, "p6"), pool(2, 4, "q4")))
		diff, err = m.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.NotContains(t, diff.String(), "q4")
		result = synchronize(t, m, synced.In(1))
		require.Equal(t, synced.Counts{Updated: 1, Unchanged: 1}, result.Counts)
		require.Equal(t, synced.Counts{Updated: 1, Older: 1}, result.Children["pools"])
		require.Equal(t, "six six p6,q5", estateOf(t, b)[0])

		// What an older record lists says nothing about another's children.
		b.srv.Collection("villas").Put(cabin(1, 2, "two", pool(4, 1, "r1")), cabin(2, 7, "seven", pool(4, 2, "r2")))
		b.srv.Collection("villas").Move(1, 1)
		diff, err = m.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.Len(t, diff.Older, 1)
		require.Contains(t, diff.String(), "pools[4]")
		result = synchronize(t, m, synced.In(1))
		require.Equal(t, synced.Counts{Updated: 1, Older: 1}, result.Counts)
		require.Equal(t, []string{"six six p6,q5", "seven seven r2"}, estateOf(t, b))
		b.srv.Collection("villas").Move(1, 0)

		// An equal version is written: it is of whole seconds.
		b.srv.Collection("villas").Put(cabin(1, 6, "six and a half", pool(1, 6, "p6"), pool(2, 5, "q5")))
		require.Equal(t, 1, synchronize(t, m, synced.In(1)).Updated)
		require.Equal(t, "six and a half six and a half p6,q5", estateOf(t, b)[0])

		// Null takes the remote's word again.
		b.srv.Collection("villas").Put(cabin(1, 1, "one", pool(2, 9, "q9")))
		execute(t, b, "UPDATE villas SET changed_at = NULL WHERE synced_id = 1")
		require.Equal(t, 1, synchronize(t, m, synced.In(1)).Updated)
		require.Equal(t, "one one q9", estateOf(t, b)[0])
	})
}

func TestContract_C61_AnOlderRecordDoesNotRestore(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		m := cabins(t, b, nil)
		b.srv.Collection("villas").Put(cabin(1, 5, "five"), cabin(2, 5, "other"))
		synchronize(t, m, synced.In(1))
		gone := objects(t, b, cabin(2, 5, "other"))
		require.Equal(t, 1, synchronize(t, m, synced.In(1), synced.Call{Records: gone}).Removed)
		older := objects(t, b, cabin(1, 4, "four"), cabin(2, 5, "other"))
		require.Equal(t, synced.Counts{Unchanged: 1, Older: 1}, synchronize(t, m, synced.In(1), synced.Call{Records: older}).Counts)
		require.Equal(t, "five five - cancelled", estateOf(t, b)[0])
		require.Equal(t, synced.Counts{Unchanged: 1, Restored: 1}, synchronize(t, m, synced.In(1)).Counts)
		require.Equal(t, "five five -", estateOf(t, b)[0])
	})
}

// A record that a run lists in two versions, in either order, is the newer one in
// the end, and counts once.
func TestContract_C17_OlderAndNewerInOneRun(t *testing.T) {
	newer, older := cabin(1, 5, "five"), cabin(1, 4, "four")
	for name, c := range map[string]struct {
		before []remotetest.Record
		pages  []remotetest.Record
		want   synced.Counts
	}{
		"newer first":            {nil, []remotetest.Record{newer, older}, synced.Counts{Created: 1}},
		"older first":            {nil, []remotetest.Record{older, newer}, synced.Counts{Created: 1}},
		"older first, unchanged": {[]remotetest.Record{newer}, []remotetest.Record{older, newer}, synced.Counts{Unchanged: 1}},
		"newer first, unchanged": {[]remotetest.Record{newer}, []remotetest.Record{newer, older}, synced.Counts{Unchanged: 1}},
		"older first, updated":   {[]remotetest.Record{cabin(1, 5, "FIVE")}, []remotetest.Record{older, newer}, synced.Counts{Updated: 1}},
		"older twice":            {[]remotetest.Record{newer}, []remotetest.Record{older, cabin(1, 3, "three")}, synced.Counts{Older: 1}},
	} {
		for _, commit := range []synced.Commit{synced.PerPage, synced.Atomic} {
			t.Run(fmt.Sprint(name, commit), func(t *testing.T) {
				onBoth(t, func(t *testing.T, b *bundle) {
					m := cabins(t, b, func(d *synced.Synced[Cabin]) { d.Commit = commit })
					if c.before != nil {
						synchronize(t, m, synced.In(1), synced.Call{Records: objects(t, b, c.before...)})
					}
					var pages []*remote.Page
					for i, r := range c.pages {
						pages = append(pages, &remote.Page{Number: i + 1, More: i == 0, Objects: objects(t, b, r)})
					}
					require.Equal(t, c.want, synchronize(t, m, synced.In(1), synced.Call{API: listed(pages...)}).Counts)
					require.Contains(t, estateOf(t, b)[0], "five five")
				})
			})
		}
	}
}

// A bad record in a newer version stays set aside when an older one comes, and an
// older one that was set aside does not come back over a newer row.
func TestContract_C60_QuarantineAndVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		m := cabins(t, b, nil)
		b.srv.Collection("villas").Put(cabin(1, 5, "five"))
		synchronize(t, m, synced.In(1))
		b.srv.Collection("villas").Put(cabin(1, 9, "bad"))
		require.Equal(t, 1, synchronize(t, m, synced.In(1)).Quarantined)
		aside := func() []string {
			return column(t, b, "SELECT remote_id || ' ' || attempts || ' ' || error FROM synced_quarantine ORDER BY remote_id")
		}
		before := aside()
		require.Len(t, before, 1)
		b.srv.Collection("villas").Put(cabin(1, 4, "four"))
		require.Equal(t, synced.Counts{Older: 1}, synchronize(t, m, synced.In(1)).Counts)
		require.Equal(t, before, aside())
		require.Equal(t, []string{"five five -"}, estateOf(t, b))

		// Mappable now, but older than what came meanwhile.
		lenient := cabins(t, b, func(d *synced.Synced[Cabin]) { d.Strategy = strategy.UpdatedSince{} })
		execute(t, b, "UPDATE synced_quarantine SET object = replace(replace(object, 'bad', 'good'), ?, ?)", at(9), at(3))
		b.srv.Collection("villas").Delete(1)
		result := synchronize(t, lenient, synced.In(1), synced.Call{Remove: synced.Keep})
		require.Equal(t, synced.Counts{Older: 1}, result.Counts)
		require.Empty(t, aside(), "dealt with")
		require.Equal(t, []string{"five five -"}, estateOf(t, b))
	})
}

// A run writes what it was sent before others were.
func TestContract_C73_TheOlderRunEndsLast(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		m := cabins(t, b, nil)
		old := objects(t, b, cabin(1, 4, "four", pool(1, 4, "p4")), cabin(2, 4, "FOUR"))
		b.srv.Collection("villas").Put(cabin(1, 5, "five", pool(1, 5, "p5")), cabin(2, 5, "FIVE"))
		synchronize(t, m, synced.In(1), synced.Call{Records: objects(t, b, cabin(1, 3, "three", pool(1, 3, "p3")))})
		slow := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
			return func(yield func(*remote.Page, error) bool) {
				// The page is here; the newer records come before it is written.
				for _, id := range []int{1, 2} {
					_, err := m.SyncOne(context.Background(), synced.In(1), id)
					require.NoError(t, err)
				}
				yield(&remote.Page{Number: 1, Objects: old}, nil)
			}
		})
		require.Equal(t, synced.Counts{Older: 2}, synchronize(t, m, synced.In(1), synced.Call{API: slow}).Counts)
		require.Equal(t, []string{"five five p5", "FIVE FIVE -"}, estateOf(t, b))
	})
}

// listed is an API of the given pages.
func listed(pages ...*remote.Page) remote.API {
	return remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) {
			for _, p := range pages {
				if !yield(p, nil) {
					return
				}
			}
		}
	})
}
