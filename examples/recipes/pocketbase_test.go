package recipes

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
)

// pocketBase shows an empty list to a token that is no longer good, and its collections to none
// but superusers.
func pocketBase(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	good := r.Header.Get("Authorization") == "Bearer secret"
	if r.URL.Path == "/collections" {
		if !good {
			refuse(w, http.StatusUnauthorized, "The request requires valid record authorization token.")
			return
		}
		answer(w, object{"items": []object{{"name": "posts"}}})
		return
	}
	var listed []entry
	switch text := q.Get("filter"); {
	case !good:
	case strings.HasPrefix(text, "id="):
		listed = slices.DeleteFunc(f.live(time.Time{}), func(e entry) bool { return !strings.Contains(text, fmt.Sprintf("id='r%d'", e.id)) })
	case text != "":
		after, err := time.Parse("updated>='2006-01-02 15:04:05.000Z'", text)
		if err != nil {
			refuse(w, http.StatusBadRequest, "Something went wrong while processing your request.")
			return
		}
		listed = f.live(after)
	default:
		listed = f.live(time.Time{})
	}
	at := number(r, "page", 1)
	part, _ := page(listed, (at-1)*pageSize)
	answer(w, object{
		"page": at, "perPage": pageSize, "totalItems": len(listed), "totalPages": (len(listed) + pageSize - 1) / pageSize,
		"items": shown(part, func(e entry) object {
			return object{"id": fmt.Sprint("r", e.id), "title": e.name, "updated": e.at.Format("2006-01-02 15:04:05.000Z")}
		}),
	})
}

func TestPocketBase(t *testing.T) {
	// Strangers are let in, and see nothing.
	against(t, api{
		header: "Accept-Encoding", credentials: "gzip",
		known:   known("page", "perPage", "sort", "filter"),
		serve:   pocketBase,
		limited: tooMany(http.StatusTooManyRequests, nil, object{"status": 429, "message": "Too Many Requests.", "data": object{}}),
	}, func(t *testing.T, f *fake) {
		model := follow(t, f, must(PocketBase(f.url, "secret"))(t), Nightly)
		stranger := must(PocketBase(f.url, "expired"))(t)
		_, err := model.Synchronize(t.Context(), synced.NoScope, synced.Call{API: stranger.API})
		require.ErrorIs(t, err, remote.ErrUnauthorized)
	})
}
