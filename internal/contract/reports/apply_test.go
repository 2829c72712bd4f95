package reports_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/strategy"
)

// objects are records 1 to n.
func objects(t *testing.T, n int) []remote.Object {
	t.Helper()
	list := make([]remote.Object, n)
	for i := range list {
		var err error
		list[i], err = remote.ParseObject(fmt.Appendf(nil, `{"id":%d,"name":"r%d"}`, i+1, i+1))
		require.NoError(t, err)
	}
	return list
}

// pagesOf is a remote that can't be asked for one record.
func pagesOf(objects []remote.Object, p remote.Page) remote.API {
	return remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) {
			p.Objects = objects
			yield(&p, nil)
		}
	})
}

// What a diff does not prove to be gone stays, as it would in a run, also if the diff
// was kept as JSON.
func TestReport_R25_C89_ApplyObeysTheGuards(t *testing.T) {
	cases := []struct {
		name     string
		rows     int
		page     remote.Page
		listed   int
		declared synced.Removal
		reason   string
	}{
		{"nothing listed", 30, remote.Page{}, 0, synced.Destroy{}, "the remote listed nothing at all"},
		{"more than the limit", 102, remote.Page{}, 50, synced.Destroy{}, "more than 50 % of the scope: where their records are gone, approve the removal, or raise its Limit"},
		{"fewer than the total", 6, remote.Page{Total: 6, TotalKnown: true}, 5, synced.Destroy{}, "the remote says it has 6 records and listed 5"},
		{"by its own account not everything", 6, remote.Page{Partial: "incomplete_results"}, 5, synced.Destroy{}, "incomplete_results"},
		{"no known end", 6, remote.Page{Unended: "the page is full"}, 5, synced.Destroy{}, "the page is full"},
		{"half", 102, remote.Page{}, 51, synced.Destroy{}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				d := harness.Rentals()
				d.Remove = c.declared
				rentals := harness.Model(t, b, d)
				_, err := rentals.Synchronize(ctx, synced.In(1), synced.Call{Records: objects(t, c.rows)})
				require.NoError(t, err)
				diff, err := rentals.Check(ctx, synced.In(1), synced.Call{API: pagesOf(objects(t, c.listed), c.page)})
				require.NoError(t, err)
				require.Len(t, diff.Additional, c.rows-c.listed)
				text, err := json.Marshal(diff)
				require.NoError(t, err)
				kept := &synced.Diff{}
				require.NoError(t, json.Unmarshal(text, kept))

				result, err := rentals.Apply(ctx, synced.In(1), kept)
				require.NoError(t, err)
				if c.reason != "" {
					require.Equal(t, &synced.Refusal{Rows: c.rows - c.listed, Of: c.rows, Reason: c.reason}, result.Refused)
					require.Zero(t, result.Removed)
					require.Len(t, harness.Names(t, rentals, synced.In(1)), c.rows)
					result, err = rentals.Apply(ctx, synced.In(1), kept, synced.Call{AllowRemoval: true})
					require.NoError(t, err)
				}
				require.Nil(t, result.Refused)
				require.Equal(t, c.rows-c.listed, result.Removed)
			})
		})
	}
}

// A check asks for no absent record, so that where a run would, its diff removes none. A
// dry run asks, and its diff removes what it proved.
func TestReport_R25_C89_ApplyOfWhatWasNotAskedFor(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two")
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		b.Server.Collection("rentals").Delete(2)

		diff, err := rentals.Check(ctx, synced.In(1))
		require.NoError(t, err)
		require.Equal(t, "the remote did not list the records of 1 row, and its list alone proves too little: make the diff by a dry run, which asks for each", diff.Doubt)
		result, err := rentals.Apply(ctx, synced.In(1), diff)
		require.NoError(t, err)
		require.Equal(t, diff.Doubt, result.Refused.Reason)
		require.Len(t, harness.Names(t, rentals, synced.In(1)), 2)

		result, err = rentals.Synchronize(ctx, synced.In(1), synced.Call{DryRun: true, Strategy: strategy.Full{}})
		require.NoError(t, err)
		require.True(t, result.Diff.Additional[0].Verified)
		result, err = rentals.Apply(ctx, synced.In(1), result.Diff)
		require.NoError(t, err)
		require.Nil(t, result.Refused)
		require.Equal(t, 1, result.Removed)
	})
}

// What a run lists is not absent, whether or not the run comes to its end.
func TestApproval_C90_WhatWasListedSinceStays(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprintf("%T", commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				ctx := context.Background()
				d := harness.Rentals()
				d.Remove = synced.Destroy{}
				d.Commit = commit
				rentals := harness.Model(t, b, d)
				b.Server.Collection("rentals").Generate(120, func(i int, _ *rand.Rand) remotetest.Record {
					return remotetest.Record{"id": i + 1, "name": fmt.Sprint(i + 1)}
				})
				harness.Sync(t, rentals, synced.In(1))
				for id := 21; id <= 120; id++ {
					b.Server.Collection("rentals").Delete(id)
				}
				plan := harness.Sync(t, rentals, synced.In(1)).Refused.Plan
				require.NotEmpty(t, plan)

				broken := errors.New("the line broke")
				all := objects(t, 119)
				_, err := rentals.Synchronize(ctx, synced.In(1), synced.Call{API: remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
					return func(yield func(*remote.Page, error) bool) {
						if yield(&remote.Page{Objects: all, More: true}, nil) {
							yield(nil, broken)
						}
					}
				})})
				require.ErrorIs(t, err, broken)
				refused, err := rentals.RefusedRemoval(ctx, synced.In(1))
				require.NoError(t, err)
				require.Equal(t, []string{"120"}, refused.IDs)
				result, err := rentals.ApproveRemoval(ctx, synced.In(1), plan)
				require.NoError(t, err)
				require.Equal(t, 1, result.Removed, "the one that was not listed since")
				require.Len(t, harness.Names(t, rentals, synced.In(1)), 119)
			})
		})
	}
}
