package upload_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/upload"
)

func TestContract_C371_WhatChangesWhileItIsReadAheadIsUploaded(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 900, "first")
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}, func(o *upload.Options) { o.Smallest, o.Largest = 100, 100 })
		step(t, c)
		for n := 1; n < 7; n++ {
			// The first half of the batch after this one changes while this one is sent: it may have been read.
			w.hook(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPost {
					first := 100*n + 100
					exec(t, w.local, "UPDATE villas SET name = 'changed' WHERE id BETWEEN ? AND ?", first, first+25)
					exec(t, w.local, "DELETE FROM villas WHERE id BETWEEN ? AND ?", first+26, first+50)
				}
				return false
			})
			step(t, c)
			w.hook(nil)
		}
		finish(t, c)
		require.Len(t, column(t, w.remote, "SELECT name FROM upload_villas WHERE name = 'changed'"), 6*26)
		w.equal(t)
	})
}

func TestContract_C371_AnotherServerGetsNothingThatWasReadAhead(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		put(t, w.local, 1, 500, "first")
		c := w.client(t, []upload.Table{{Name: "villas", Changes: upload.Triggers{}}}, func(o *upload.Options) { o.Smallest, o.Largest = 100, 100 })
		step(t, c)
		for _, table := range []string{"upload_villas", "upload__tables", "upload__sums"} {
			exec(t, w.remote, "DELETE FROM "+table)
		}
		_, err := c.Step(t.Context())
		require.ErrorContains(t, err, "no such table is registered")
		finish(t, c)
		w.equal(t)
	})
}

func TestContract_C372_RowsThatSeemNewAreLookedForWhenTheyAreNot(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		status, _ := w.ask(t, "PUT", "notes", shape)
		require.Equal(t, 200, status)
		send := func(version, from, to int, text string) string {
			var rows []string
			for n := from; n <= to; n++ {
				rows = append(rows, fmt.Sprintf(`[%d,%d,"%s"]`, version+n-from, n, text))
			}
			status, answer := w.ask(t, "POST", "notes", fmt.Sprintf(`{"columns":["id","text"],"rows":[%s],"through":%d}`, strings.Join(rows, ","), version+to-from))
			require.Equal(t, 200, status, answer)
			return answer
		}
		send(1, 1, 1000, "a")
		send(1001, 1001, 1200, "b")
		before := send(1201, 1150, 1300, "c") // 51 of them are there
		require.Contains(t, before, `"count":1300`)
		require.Equal(t, []string{"1149", "151"}, []string{
			column(t, w.remote, "SELECT CAST(count(*) AS text) FROM upload_notes WHERE text <> 'c'")[0],
			column(t, w.remote, "SELECT CAST(count(*) AS text) FROM upload_notes WHERE text = 'c'")[0],
		})
		require.Equal(t, before, send(1001, 1001, 1200, "b"), "an upload that comes late")
	})
}
