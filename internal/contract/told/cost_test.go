package told_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
)

func TestContract_C106_WhatWasAsked(t *testing.T) {
	ctx := context.Background()
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		var log bytes.Buffer
		var answer http.HandlerFunc
		asked, sent := 0, int64(0)
		d := items(t, &log, rest.Config{}, func(w http.ResponseWriter, r *http.Request) {
			asked++
			kept := httptest.NewRecorder()
			answer(kept, r)
			for name, values := range kept.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(kept.Code)
			n, _ := w.Write(kept.Body.Bytes())
			sent += int64(n)
		})
		d.Remove = synced.Destroy{Verify: synced.VerifyAlways}
		model := harness.Model(t, b, d)
		counted := func(result synced.Result, want int) {
			t.Helper()
			require.Equal(t, want, asked)
			require.Equal(t, asked, result.Requests)
			require.Equal(t, sent, result.Bytes)
			asked, sent = 0, 0
		}
		one := func(id string) map[string]any { return map[string]any{"id": id, "name": "x"} }
		record := func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/items":
				list(w, one("1"), one("2"), one("3"))
			case "/items/old":
				http.Redirect(w, r, "/items/1", http.StatusMovedPermanently)
			case "/items/loop":
				http.Redirect(w, r, "/items/loop", http.StatusFound)
			case "/items/away":
				http.Redirect(w, r, "http://127.0.0.2:1/", http.StatusFound)
			case "/items/bad":
				http.Error(w, "no", http.StatusInternalServerError)
			case "/items/4":
				http.NotFound(w, r)
			default:
				list(w, one(r.URL.Path[len("/items/"):]))
			}
		}
		answer = record
		counted(harness.Sync(t, model, synced.In(1)), 1)
		result, err := model.SyncOne(ctx, synced.In(1), "1")
		require.NoError(t, err)
		require.Contains(t, result.String(), "(1 request, ")
		counted(result, 1)
		result, err = model.SyncOne(ctx, synced.In(1), "4")
		require.NoError(t, err)
		require.True(t, result.Gone)
		counted(result, 4)
		for id, want := range map[string]int{"bad": 1, "away": 1, "loop": 10} {
			result, err = model.SyncOne(ctx, synced.In(1), id)
			require.Error(t, err, id)
			counted(result, want)
		}
		result, err = model.SyncOne(ctx, synced.In(1), "..") // no path leads there
		require.Error(t, err)
		counted(result, 0)
		result, _ = model.SyncOne(ctx, synced.In(1), "old")
		require.GreaterOrEqual(t, asked, 2)
		counted(result, asked)

		answer = func(w http.ResponseWriter, r *http.Request) { // verification
			switch r.URL.Path {
			case "/items":
				list(w, one("1"))
			case "/items/2":
				http.Redirect(w, r, "/items/4", http.StatusFound)
			default:
				record(w, r)
			}
		}
		result, err = model.Synchronize(ctx, synced.In(1))
		require.NoError(t, err)
		require.Equal(t, 1, result.Removed)
		require.Greater(t, asked, 4)
		counted(result, asked)
	})
}
