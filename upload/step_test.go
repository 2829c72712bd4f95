package upload_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/upload"
)

func TestUpload(t *testing.T) {
	onAll(t, func(t *testing.T, w *world) {
		exec(t, w.local, villas)
		for _, changes := range []upload.Changes{upload.Fingerprints{}, upload.Triggers{}, upload.Versions{Column: "version"}, upload.UpdatedAt{Column: "updated_at"}} {
			exec(t, w.local, "DELETE FROM villas")
			put(t, w.local, 1, 700, "first")
			c := w.client(t, []upload.Table{{Name: "villas", Changes: changes}})
			finish(t, c)
			w.equal(t)

			put(t, w.local, 701, 720, "second")
			exec(t, w.local, "UPDATE villas SET name = 'third', version = 800, updated_at = '2026-02-02 03:04:05' WHERE id = 5")
			exec(t, w.local, "DELETE FROM villas WHERE id BETWEEN 10 AND 19")
			r := finish(t, c)
			require.Equal(t, 31, r.Noted, "%T", changes)
			require.Equal(t, 21, r.Uploaded, "%T", changes)
			require.Equal(t, 10, r.Removed, "%T", changes)
			w.equal(t)

			r = finish(t, c)
			require.Equal(t, 1, r.Requests, "%T", changes)
			require.Zero(t, r.Noted)
		}
	})
}
