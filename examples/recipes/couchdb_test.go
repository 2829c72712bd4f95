package recipes

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sequence is that of a document's last change.
func sequence(e entry) int { return int(e.at.Unix())*1000 + e.id }

// couchDB lists each document at its last change, deleted ones too.
func couchDB(f *fake, w http.ResponseWriter, r *http.Request) {
	from, _ := strconv.Atoi(strings.TrimSuffix(r.URL.Query().Get("since"), "-g1AAAA"))
	feed := slices.DeleteFunc(slices.Clone(f.entries), func(e entry) bool { return sequence(e) <= from })
	slices.SortFunc(feed, func(a, b entry) int { return sequence(a) - sequence(b) })
	part, _ := page(feed, 0)
	if len(part) > 0 {
		from = sequence(part[len(part)-1])
	}
	seq := strconv.Itoa(from) + "-g1AAAA"
	answer(w, object{"last_seq": seq, "pending": len(feed) - len(part), "results": shown(part, func(e entry) object {
		id := fmt.Sprint("doc", e.id)
		if e.deleted {
			return object{"seq": seq, "id": id, "changes": []object{{"rev": "2-b"}}, "deleted": true, "doc": object{"_id": id, "_rev": "2-b", "_deleted": true}}
		}
		return object{"seq": seq, "id": id, "changes": []object{{"rev": "1-a"}}, "doc": object{"_id": id, "_rev": "1-a", "name": e.name}}
	})})
}

func TestCouchDB(t *testing.T) {
	against(t, api{
		credentials: basic("sync", "secret"),
		known:       known("limit", "since", "include_docs"),
		serve:       couchDB,
	}, func(t *testing.T, f *fake) {
		follow(t, f, must(CouchDB(f.url, "sync", "secret"))(t))
	})
}
