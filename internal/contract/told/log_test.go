package told_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
)

// lines reads what was logged since the last call: each line's level, message and
// attributes.
func lines(t *testing.T, log *bytes.Buffer) (list []map[string]any) {
	t.Helper()
	for _, line := range bytes.Split(bytes.TrimSpace(log.Bytes()), []byte("\n")) {
		if len(line) > 0 {
			var fields map[string]any
			require.NoError(t, json.Unmarshal(line, &fields), "%s", line)
			list = append(list, fields)
		}
	}
	log.Reset()
	return list
}

// brokenBy is an API that answers with an error.
func brokenBy(err error) remote.API {
	return remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) { yield(nil, err) }
	})
}

func TestContract_C140_LevelsOfTheLog(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		var log bytes.Buffer
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		d.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		rentals := harness.Model(t, b, d)
		require.Empty(t, lines(t, &log))
		last := func() map[string]any {
			t.Helper()
			all := lines(t, &log)
			require.NotEmpty(t, all)
			return all[len(all)-1]
		}
		b.Put("one", "two", "three")
		record := func() remotetest.Record { return remotetest.Record{"surface": 1, "price": "1", "bedrooms_count": 1} }
		for id := range 3 {
			b.Server.Collection("rentals").Update(id+1, record())
		}

		// One that changed something, and one that did not.
		harness.Sync(t, rentals, synced.In(7))
		line := last()
		require.Equal(t, []any{"INFO", "synced: run ended", "rentals", 7.0, "full"}, []any{line["level"], line["msg"], line["model"], line["scope"], line["strategy"]})
		result := line["result"].(map[string]any)
		require.Equal(t, []any{3.0, 0.0, 3.0}, []any{result["created"], result["updated"], result["records"]})
		require.NotContains(t, line, "error")
		harness.Sync(t, rentals, synced.In(7))
		require.Equal(t, "DEBUG", last()["level"])

		// One that refused a removal.
		for id := range 3 {
			b.Server.Collection("rentals").Delete(id + 1)
		}
		require.NotNil(t, harness.Sync(t, rentals, synced.In(7)).Refused)
		line = last()
		require.Equal(t, "WARN", line["level"])
		require.Equal(t, 3.0, line["result"].(map[string]any)["refused"].(map[string]any)["rows"])

		// Those that failed: a later run mends some.
		failing := func(err error) synced.Call {
			return synced.Call{API: brokenBy(err)}
		}
		failed := func(scope synced.Scope, ctx context.Context, call synced.Call) []any {
			t.Helper()
			_, err := rentals.Synchronize(ctx, scope, call)
			require.Error(t, err)
			line := last()
			require.Equal(t, err.Error(), line["error"])
			return []any{line["level"], line["msg"]}
		}
		broken, mended := []any{"ERROR", "synced: run failed"}, []any{"WARN", "synced: run failed"}
		require.Equal(t, broken, failed(synced.In(7), ctx, failing(errors.New("broken"))))
		require.Equal(t, broken, failed(synced.NoScope, ctx, synced.Call{}), "it did not even begin")
		require.Equal(t, mended, failed(synced.In(7), ctx, failing(&remote.WaitError{Until: time.Now().Add(time.Hour), Err: remote.ErrLimited})))
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		require.Equal(t, mended, failed(synced.In(7), canceled, synced.Call{}))
		lock, err := b.DB.Lock(ctx, `run "rentals" "account_id" "7"`, 0)
		require.NoError(t, err)
		require.Equal(t, mended, failed(synced.In(7), ctx, synced.Call{}))
		require.NoError(t, lock.Release(ctx))

		// A table without its guard trigger is told once.
		d.Table, d.Endpoint = "bare", "rentals"
		harness.Unguarded(t, b, d)
		line = last()
		require.Equal(t, []any{"WARN", "bare"}, []any{line["level"], line["model"]})
		require.Contains(t, line["msg"], "Schema has the DDL")
		harness.Bind(t, b, d)
		require.Empty(t, lines(t, &log))
	})
}

// C204: two models of a store that keep one table in step with different lists would undo
// each other's work. The log says so.
func TestContract_C204_TwoModelsOnOneTable(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var log bytes.Buffer
		d := harness.Rentals()
		d.Log = slog.New(slog.NewJSONHandler(&log, nil))
		harness.Model(t, b, d)
		harness.Bind(t, b, d)
		require.Empty(t, lines(t, &log), "the same one again")
		d.Endpoint = "cabins"
		for range 2 {
			harness.Bind(t, b, d)
		}
		list := lines(t, &log)
		require.Len(t, list, 1)
		require.Equal(t, "WARN", list[0]["level"])
		require.Contains(t, list[0]["msg"], `another model keeps this table in step with the list at "rentals", and this one with that at "cabins"`)
	})
}
