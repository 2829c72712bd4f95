package requests_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// rentals declares rentals of an API of a style, three a page.
func rentals(t *testing.T, b *harness.Bundle, server remotetest.Config, config rest.Config) synced.Synced[harness.Rental] {
	t.Helper()
	server.Token, server.PerPage = harness.Token, 3
	b.Server = remotetest.New(server)
	t.Cleanup(b.Server.Close)
	config.BaseURL, config.Auth, config.HTTP, config.PerPage, config.Clock = b.Server.URL(), wire.Bearer(harness.Token), b.Server.Client(), 3, b.Server.Clock()
	api, err := rest.NewClient(config)
	require.NoError(t, err)
	d := harness.Stripped(api)
	d.Strategy = strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}}
	d.Tombstone = func(remote.Object) bool { return false }
	return d
}

// graphql is how a connection of GraphQL is read.
func graphql() rest.Config {
	return rest.Config{
		Parameters: rest.Parameters{GraphQL: "query($first: Int, $after: String) { rentals(first: $first, after: $after) { edges { node { id name } } pageInfo { endCursor hasNextPage } } }"},
		RecordsKey: "data.rentals.edges", RecordPath: "node", SyncedAtHeader: rest.None,
		Pagination: rest.Cursor{Param: "after", PerPage: "first", Path: "data.rentals.pageInfo.endCursor", MorePath: "data.rentals.pageInfo.hasNextPage"},
	}
}

func TestContract_C165_AListThatAPostAsksFor(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, remotetest.Config{Style: remotetest.GraphQLLike}, graphql())
		b.Put("1", "2", "3", "4", "5", "6", "7", "8")
		b.Server.Advance(time.Minute)
		model := harness.Model(t, b, d)
		b.Server.Script(remotetest.Fault{Page: 2, Status: 503}, remotetest.Fault{Page: 3, Status: 400})
		first, err := model.Synchronize(context.Background(), synced.In(1))
		require.ErrorIs(t, err, remote.ErrInvalid)
		require.Equal(t, 6, first.Created, "a POST that only reads is repeated")

		b.Server.ResetLog()
		result := harness.Sync(t, model, synced.In(1))
		require.True(t, result.Resumed)
		require.Equal(t, 1, b.Server.Requests())
		require.Equal(t, 2, result.Created)

		b.Server.Advance(time.Hour)
		b.Server.Collection("rentals").Update(4, remotetest.Record{"name": "four"})
		b.Server.Collection("rentals").Delete(8)
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(harness.Sync(t, model, synced.In(1))), "the time is a variable")
		b.Server.ResetLog()
		result = harness.Sync(t, model, synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.Equal(t, 1, result.Removed)
		require.Equal(t, []string{"1", "2", "3", "four", "5", "6", "7"}, harness.Names(t, model, synced.In(1)))
	})
}

func TestContract_C166_ErrorsOfGraphQLProveNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := rentals(t, b, remotetest.Config{Style: remotetest.GraphQLLike}, graphql())
		b.Put("1", "2", "3", "4")
		model := harness.Model(t, b, d)
		harness.Sync(t, model, synced.In(1))
		before, err := model.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		for _, body := range []string{
			`{"errors":[{"message":"a part of it failed"}],"data":{"rentals":{"edges":[{"node":{"id":1,"name":"one"}}],"pageInfo":{"hasNextPage":false,"endCursor":null}}}}`,
			`{"errors":[{"message":"no"}],"data":null}`,
		} {
			for _, s := range []strategy.Strategy{strategy.Full{}, d.Strategy} {
				b.Server.Fault(remotetest.Fault{Body: body})
				result, err := model.Synchronize(context.Background(), synced.In(1), synced.Call{Strategy: s})
				require.ErrorIs(t, err, remote.ErrInvalid)
				require.Zero(t, result.Removed+result.Updated)
			}
		}
		after, err := model.Freshness(context.Background(), synced.In(1))
		require.NoError(t, err)
		require.Equal(t, before.LastSuccess, after.LastSuccess)
		require.Equal(t, []string{"1", "2", "3", "4"}, harness.Names(t, model, synced.In(1)))
	})
}

func TestContract_C167_ARecordInAnItem(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		style := remotetest.Style{Records: "results", Record: "issue.fields", Total: "total"}
		d := rentals(t, b, remotetest.Config{Style: style}, rest.Config{
			RecordsKey: "results", RecordPath: "issue.fields", TotalPath: "total", Pagination: rest.PageNumber{}, SyncedAtHeader: rest.None,
		})
		b.Put("1", "2", "3", "4")
		model := harness.Model(t, b, d)
		require.Equal(t, 4, harness.Sync(t, model, synced.In(1)).Created)
		// An item without its record is not skipped: it would look as if it were gone.
		b.Server.Fault(remotetest.Fault{Body: `{"results":[{"issue":{"fields":{"id":1,"name":"one"}}},{"issue":{}}],"total":2}`})
		result, err := model.Synchronize(context.Background(), synced.In(1), synced.Call{Strategy: strategy.Full{}})
		require.ErrorIs(t, err, remote.ErrNoRecords)
		require.ErrorContains(t, err, `item 2 of the list has nothing at "issue.fields"`)
		require.Zero(t, result.Removed)
	})
}
