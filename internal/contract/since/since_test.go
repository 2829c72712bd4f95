package since_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// asked lists the updated_since of the first pages that were asked for, and ""
// where there was none.
func asked(b *harness.Bundle) []string {
	var list []string
	for _, r := range b.Server.Log() {
		if r.Page <= 1 && strings.HasSuffix(r.Path, "s") { // of a list, not of one record
			list = append(list, r.Query.Get("updated_since"))
		}
	}
	return list
}

func TestContract_C20_AsksSinceTheLastRun(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		b.Server.Advance(time.Hour)
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: 90 * time.Second}))
		first := harness.Sync(t, rentals, synced.In(1))
		require.Zero(t, first.Since)
		require.Equal(t, remotetest.Start.Add(time.Hour), first.StoredTime)
		b.Server.Advance(time.Hour)
		b.Server.Collection("rentals").Update(3, remotetest.Record{"name": "THREE"})
		second := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(second))
		require.Equal(t, []string{"", "2026-01-01T12:58:30Z"}, asked(b))
		require.Equal(t, []string{"one", "two", "THREE", "four"}, harness.Names(t, rentals, synced.In(1)))
		require.Equal(t, first.StoredTime.Add(-90*time.Second), second.Since)
	})
}

func TestContract_C20_InitialTime(t *testing.T) {
	initial := remotetest.Start.Add(-48 * time.Hour)
	cases := map[string]strategy.UpdatedSince{
		"fixed": {Tolerance: -1, Initial: initial},
		"by scope": {Tolerance: -1, InitialFor: func(scope any) time.Time {
			if scope == int64(1) {
				return initial
			}
			return time.Time{}
		}},
	}
	for name, s := range cases {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one")
				rentals := harness.Model(t, b, harness.Incremental(s))
				require.Equal(t, initial, harness.Sync(t, rentals, synced.In(1)).Since)
				require.Equal(t, remotetest.Start, harness.Sync(t, rentals, synced.In(1)).Since, "the stored time is later")
			})
		})
	}
	t.Run("later than the stored time", func(t *testing.T) {
		harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
			b.Put("one")
			harness.Sync(t, harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: -1})), synced.In(1))
			later := remotetest.Start.Add(time.Hour)
			rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Initial: later, Tolerance: time.Minute}))
			require.Equal(t, later.Add(-time.Minute), harness.Sync(t, rentals, synced.In(1)).Since)
		})
	})
}

func TestContract_C21_TheStoredTimeIsTheFirstPages(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four", "five", "six", "seven")
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: -1}))
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 3, result.Pages)
		require.Equal(t, remotetest.Start, result.StoredTime, "not that of the last page")
		require.Equal(t, []string{"remote"}, b.Column(t, "SELECT source FROM synced_times"))
	})
}

func TestContract_C21_NoTimeIsAnErrorBeforeAnythingIsWritten(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		b.Server.SetQuirks(remotetest.Quirks{NoSyncedAt: true})
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: -1}))
		result, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, synced.ErrNoSyncTime)
		require.EqualError(t, err, "synced: rentals (account_id 1): page 1: the first page brings no time to store: name where the API tells its clock with rest.Config.SyncedAtPath or SyncedAtHeader, and check the spelling; or declare where the time comes from with strategy.UpdatedSince.Fallbacks")
		require.Equal(t, harness.Counts{}, harness.CountsOf(result))
		require.Empty(t, harness.Names(t, rentals, synced.In(1)))
	})
}

func TestContract_C21_Fallbacks(t *testing.T) {
	cases := []struct {
		name      string
		fallbacks []strategy.TimeSource
		source    string
		check     func(t *testing.T, at time.Time)
	}{
		{"response date", []strategy.TimeSource{strategy.ResponseDate{}, strategy.LocalClock{}}, "date", func(t *testing.T, at time.Time) {
			require.Equal(t, remotetest.Start, at)
		}},
		{"largest value", []strategy.TimeSource{strategy.LargestValue{Attribute: "updated_at"}}, "largest updated_at", func(t *testing.T, at time.Time) {
			require.Equal(t, remotetest.Start.Add(-time.Hour), at)
		}},
		{"local clock", []strategy.TimeSource{strategy.LocalClock{Margin: time.Hour}}, "local", func(t *testing.T, at time.Time) {
			require.WithinRange(t, at, time.Now().Add(-61*time.Minute), time.Now().Add(-time.Hour))
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				for i := range 5 {
					b.Server.Collection("rentals").PutRaw(fmt.Sprintf(`{"id":%d,"name":"x","updated_at":%q}`, i+1,
						remotetest.Start.Add(-time.Duration(i+1)*time.Hour).Format(time.RFC3339)))
				}
				b.Server.SetQuirks(remotetest.Quirks{NoSyncedAt: true})
				rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: -1, Fallbacks: c.fallbacks}))
				result := harness.Sync(t, rentals, synced.In(1))
				c.check(t, result.StoredTime)
				require.Equal(t, []string{c.source}, b.Column(t, "SELECT source FROM synced_times"))
			})
		})
	}
}

func TestContract_C22_TheTimeStaysWhenAPageFails(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
				d.Commit = commit
				rentals := harness.Model(t, b, d)
				b.Put("one")
				stored := harness.Sync(t, rentals, synced.In(1)).StoredTime
				b.Server.Advance(time.Hour)
				b.Put("ONE", "two", "three", "four", "five", "six", "seven")
				b.Server.Fault(remotetest.Fault{Page: 3, Status: 500})

				result, err := rentals.Synchronize(context.Background(), synced.In(1))
				require.ErrorIs(t, err, remote.ErrUnavailable)
				var where *synced.Error
				require.ErrorAs(t, err, &where)
				require.Equal(t, 3, where.Page)
				if commit == (synced.PerPage{}) {
					require.Equal(t, harness.Counts{Created: 5, Updated: 1}, harness.CountsOf(result), "two pages stand")
				} else {
					require.Equal(t, harness.Counts{}, harness.CountsOf(result))
					require.Equal(t, []string{"one"}, harness.Names(t, rentals, synced.In(1)))
				}
				require.Zero(t, result.StoredTime)
				require.Equal(t, 3, result.Requests)
				next := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, stored, next.Since)
				require.Len(t, harness.Names(t, rentals, synced.In(1)), 7)
			})
		})
	}
}

func TestContract_C23_RemovesWhatEveryPageSaysWasDeleted(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
				d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
				d.Remove, d.Commit = synced.Destroy{}, commit
				rentals := harness.Model(t, b, d)
				harness.Sync(t, rentals, synced.In(1))
				harness.Sync(t, rentals, synced.In(2))
				b.Server.Advance(time.Hour)
				b.Server.Collection("rentals").Delete(1, 2, 3, 4, 5)
				for id := 6; id <= 9; id++ {
					b.Server.Collection("rentals").Update(id, remotetest.Record{"name": "again"})
				}
				result := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, 2, result.Pages, "the ids are spread over both")
				require.Equal(t, harness.Counts{Updated: 4, Removed: 5}, harness.CountsOf(result))
				require.Equal(t, []string{"again", "again", "again", "again"}, harness.Names(t, rentals, synced.In(1)))
				require.Len(t, harness.Names(t, rentals, synced.In(2)), 9)
			})
		})
	}
}

// What the remote says last about a record counts.
func TestContract_C23_DeletedAndListed(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				b.Put("one", "two", "three")
				d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
				d.Remove, d.Commit = synced.Destroy{}, commit
				rentals := harness.Model(t, b, d)
				harness.Sync(t, rentals, synced.In(1))
				pages := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
					return func(yield func(*remote.Page, error) bool) {
						first := &remote.Page{Number: 1, SyncedAt: remotetest.Start.Add(time.Hour), DeletedIDs: []remote.Value{remote.Value("1")},
							Objects: []remote.Object{harness.Object(t, map[string]any{"id": 2, "name": "TWO"})}}
						second := &remote.Page{Number: 2, DeletedIDs: []remote.Value{remote.Value("2")},
							Objects: []remote.Object{harness.Object(t, map[string]any{"id": 1, "name": "ONE again"})}}
						_ = yield(first, nil) && yield(second, nil)
					}
				})
				result := harness.Sync(t, rentals, synced.In(1), synced.Call{API: pages})
				require.Equal(t, 1, result.Removed)
				require.Equal(t, []string{"ONE again", "three"}, harness.Names(t, rentals, synced.In(1)))
			})
		})
	}
}

func TestContract_C23_DeletionsThatCannotBeKnown(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		b.Server.SetQuirks(remotetest.Quirks{NoDeletedIDs: true})
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1)) // complete, so what is absent is gone: no list needed
		b.Server.Advance(time.Hour)
		b.Put("ONE")
		result, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, synced.ErrDeletionsUnknown)
		require.Equal(t, harness.Counts{}, harness.CountsOf(result))
		require.Equal(t, "one", harness.Names(t, rentals, synced.In(1))[0], "nothing was written")
	})
}

func TestContract_C23_Tombstones(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		b.Server.SetQuirks(remotetest.Quirks{NoDeletedIDs: true})
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Remove = synced.Destroy{}
		d.Tombstone = func(o remote.Object) bool {
			status, _ := remote.Get[string](o, "status")
			return status == "deleted"
		}
		rentals := harness.Model(t, b, d)
		b.Server.Advance(time.Hour)
		harness.Sync(t, rentals, synced.In(1))
		b.Server.Advance(time.Hour)
		b.Server.Collection("rentals").Update(2, remotetest.Record{"status": "deleted"})
		b.Server.Collection("rentals").Update(3, remotetest.Record{"status": "open"})
		require.Equal(t, harness.Counts{Updated: 1, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
		require.Equal(t, []string{"one", "three", "four"}, harness.Names(t, rentals, synced.In(1)))
	})
}

func TestContract_C24_ToleranceNeverMovesTheTimeBack(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: time.Hour}))
		first := harness.Sync(t, rentals, synced.In(1)).StoredTime
		second := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, first.Add(-time.Hour), second.Since)
		third := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, second.StoredTime.Add(-time.Hour), third.Since, "measured from the stored time, not from what was asked")

		// A remote whose clock jumps back does not take the time with it.
		b.Server.Fault(remotetest.Fault{Header: http.Header{"X-Updated-Since-Request-Synced-At": {"2020-01-01 00:00:00 UTC"}}})
		harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, third.StoredTime.Add(-time.Hour), harness.Sync(t, rentals, synced.In(1)).Since)
	})
}

func TestContract_C25_Reset(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two")
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: -1}))
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Table, d.Endpoint = "others", "rentals"
		others := harness.Model(t, b, d)
		for _, scope := range []synced.Scope{synced.In(1), synced.In(2)} {
			harness.Sync(t, rentals, scope)
			harness.Sync(t, others, scope)
		}
		require.NoError(t, rentals.Reset(ctx, synced.In(1)))
		require.Zero(t, harness.Sync(t, rentals, synced.In(1)).Since)
		require.NotZero(t, harness.Sync(t, rentals, synced.In(2)).Since)
		require.NoError(t, rentals.Reset(ctx, synced.NoScope))
		require.Zero(t, harness.Sync(t, rentals, synced.In(1)).Since)
		require.Zero(t, harness.Sync(t, rentals, synced.In(2)).Since)
		require.NotZero(t, harness.Sync(t, others, synced.In(1)).Since, "no other model's")

		for _, s := range []strategy.Strategy{strategy.Full{}, strategy.Check{}} {
			d := harness.Rentals()
			d.Strategy = s
			err := harness.Model(t, b, d).Reset(ctx, synced.In(1))
			require.ErrorIs(t, err, synced.ErrNothingToReset)
			require.EqualError(t, err, "synced: rentals (account_id 1): nothing to reset: strategy "+s.String()+" stores no time, each of its runs is complete")
		}
	})
}
