package recipes

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/syncedgo/synced/remote/wire"
)

// airtable takes a formula, and gives an offset unless the page is the last.
func airtable(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if number(r, "pageSize", 100) > 100 {
		refuse(w, http.StatusUnprocessableEntity, "pageSize must be at most 100")
		return
	}
	after := time.Time{}
	if formula := q.Get("filterByFormula"); formula != "" {
		text := strings.TrimSuffix(strings.TrimPrefix(formula, `IS_AFTER(LAST_MODIFIED_TIME(), DATETIME_PARSE("`), `"))`)
		var err error
		if after, err = time.Parse(time.RFC3339, text); err != nil {
			refuse(w, http.StatusUnprocessableEntity, "INVALID_FILTER_BY_FORMULA")
			return
		}
		after = after.Add(time.Nanosecond)
	}
	_, last, _ := strings.Cut(q.Get("offset"), "/rec")
	var listed []entry
	for _, e := range f.live(after) {
		if strconv.Itoa(e.id) > last {
			listed = append(listed, e)
		}
	}
	part, more := page(listed, 0)
	body := object{"records": shown(part, func(e entry) object {
		return object{"id": fmt.Sprint("rec", e.id), "createdTime": "2026-01-01T00:00:00.000Z", "fields": object{"Name": e.name}}
	})}
	if more {
		body["offset"] = fmt.Sprint("itrAbc/rec", part[len(part)-1].id)
	}
	answer(w, body)
}

func TestAirtable(t *testing.T) {
	against(t, api{
		credentials: "Bearer secret",
		known:       known("pageSize", "offset", "filterByFormula"),
		serve:       airtable,
		limited: tooMany(http.StatusTooManyRequests, nil, object{
			"errors": []object{{"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later"}},
		}),
	}, func(t *testing.T, f *fake) {
		follow(t, f, must(Airtable(f.url, "secret", wire.NewLimiter(wire.LimiterConfig{})))(t), Nightly)
	})
}
