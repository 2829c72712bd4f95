package attack_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

// A list of deleted ids that comes with each page does not outweigh a record that was
// listed before the pass died.
func TestAttack_AnnouncedAgainAfterAResume(t *testing.T) {
	b := harness.Setup(t, "sqlite")
	s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1), harness.Records(2, 5), harness.Records(3)}}
	rentals := harness.Model(t, b, harness.Stripped(s))
	harness.Sync(t, rentals, synced.In(1))
	s.Each = func(_ int, p *remote.Page) { p.DeletedIDs = []remote.Value{remote.Value("5")} }
	s.Fails = map[int]error{2: errors.New("died")}
	_, err := rentals.Synchronize(context.Background(), synced.In(1))
	require.ErrorContains(t, err, "died")
	s.Fails = nil
	result := harness.Sync(t, rentals, synced.In(1))
	require.True(t, result.Resumed)
	require.Zero(t, result.Removed)
	require.Equal(t, []string{"1", "2", "3", "5"}, harness.Names(t, rentals, synced.In(1)))
}

// Records that one may not see block none of those behind them.
func TestAttack_ManyForbiddenRecordsInFront(t *testing.T) {
	b := harness.Setup(t, "sqlite")
	s := &harness.Strip{T: t, Listing: [][]remotetest.Record{harness.Records(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)}}
	api := &forbidding{Strip: s, from: 1, to: 7}
	d := harness.Stripped(api)
	d.Remove = synced.Destroy{Verify: synced.VerifyAlways}
	rentals := harness.Model(t, b, d)
	harness.Sync(t, rentals, synced.In(1))
	s.Listing[0] = harness.Records(10)
	result := harness.Sync(t, rentals, synced.In(1))
	require.Equal(t, 2, result.Removed, "8 and 9")
	require.Equal(t, 7, result.Refused.Rows)
	require.Contains(t, result.Refused.Reason, "7 of 9 absent records could not be asked for")
}

// forbidding refuses to show some records.
type forbidding struct {
	*harness.Strip
	from, to int
}

func (f *forbidding) Get(ctx context.Context, r remote.Request, id string) (remote.Object, error) {
	if n, _ := strconv.Atoi(id); n >= f.from && n <= f.to {
		return remote.Object{}, remote.ErrUnauthorized
	}
	return f.Strip.Get(ctx, r, id)
}

// lists is an API that is asked for records by lists of ids.
type lists struct {
	*harness.Strip
	exist  map[string]remotetest.Record
	answer func(ids []string) ([]string, error) // which of them are looked at
}

func (l *lists) GetMany(_ context.Context, _ remote.Request, ids []string) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		ids, err := l.answer(ids)
		if err != nil {
			yield(nil, err)
			return
		}
		var found []remotetest.Record
		for _, id := range ids {
			if r, ok := l.exist[id]; ok {
				found = append(found, r)
			}
		}
		yield(l.Page(found...), nil)
	}
}

// hiding syncs records 1 to n, of which some go, and then lists the last three only.
func hiding(t *testing.T, n int, gone func(id int) bool) (*synced.Model[harness.Rental], *lists) {
	t.Helper()
	b := harness.Setup(t, "sqlite")
	l := &lists{Strip: &harness.Strip{T: t, Listing: [][]remotetest.Record{nil}}, exist: map[string]remotetest.Record{}}
	for id := 1; id <= n; id++ {
		l.Listing[0] = append(l.Listing[0], harness.Records(id)...)
	}
	d := harness.Stripped(l)
	d.Remove = synced.Destroy{Verify: synced.VerifyAlways, Limit: 1}
	rentals := harness.Model(t, b, d)
	harness.Sync(t, rentals, synced.In(1))
	for id := 1; id <= n; id++ {
		if !gone(id) {
			l.exist[fmt.Sprint(id)] = harness.Records(id)[0]
		}
	}
	l.Listing[0] = harness.Records(n-2, n-1, n)
	return rentals, l
}

// An API that looks at the first ids of a list only hides those that come after them.
func TestAttack_OnlyTheFirstIDsAreLookedAt(t *testing.T) {
	rentals, l := hiding(t, 60, func(id int) bool { return id <= 30 })
	l.answer = func(ids []string) ([]string, error) { return ids[:min(len(ids), 25)], nil }
	result := harness.Sync(t, rentals, synced.In(1))
	require.Nil(t, result.Refused)
	require.Equal(t, 30, result.Removed)
	require.Len(t, harness.Names(t, rentals, synced.In(1)), 30)
}

// Short answers, in the order of the API's own, use up no control.
func TestAttack_ShortAnswersLeaveOutTheControl(t *testing.T) {
	rentals, l := hiding(t, 600, func(id int) bool { return id%2 == 0 && id < 500 })
	l.answer = func(ids []string) ([]string, error) {
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := l.exist[id]; return !ok })
		slices.SortFunc(ids, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
		return ids[:min(len(ids), 10)], nil
	}
	result := harness.Sync(t, rentals, synced.In(1))
	require.Nil(t, result.Refused)
	require.Equal(t, 249, result.Removed)
}

// A record that spoils each list that it is asked for in blocks no other.
func TestAttack_OneRecordSpoilsItsList(t *testing.T) {
	rentals, l := hiding(t, 60, func(id int) bool { return id <= 30 })
	l.answer = func(ids []string) ([]string, error) {
		if slices.Contains(ids, "7") {
			return nil, remote.ErrUnauthorized
		}
		return ids, nil
	}
	result := harness.Sync(t, rentals, synced.In(1))
	require.Equal(t, 29, result.Removed)
	require.Equal(t, 1, result.Refused.Rows)
	require.Contains(t, result.Refused.Reason, "could not be asked for: unauthorized")
}

// A deleted record that a list of ids shows as a husk blanks no row.
func TestAttack_AHuskInAListOfIDs(t *testing.T) {
	rentals, l := hiding(t, 60, func(id int) bool { return id <= 30 })
	l.exist["7"] = remotetest.Record{"id": 7, "deleted": true}
	l.answer = func(ids []string) ([]string, error) { return ids, nil }
	result := harness.Sync(t, rentals, synced.In(1))
	require.Equal(t, 29, result.Removed)
	require.Equal(t, 1, result.Refused.Rows)
	require.Contains(t, result.Refused.Reason, "record 7: the answer has none of the attributes")
	require.Equal(t, "7", harness.Names(t, rentals, synced.In(1))[0])
}
