package recipes

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
)

const month = 31 * 24 * time.Hour

// initiated is when a transaction was: each five days after the one before.
func initiated(e entry) time.Time {
	return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC).AddDate(0, 0, 5*(e.id-101))
}

// paypal wants both dates, at most 31 days apart, and lists by the date of initiation what
// it had when it was refreshed last, an hour ago.
func paypal(f *fake, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, err := time.Parse(time.RFC3339, q.Get("start_date"))
	until, wrong := time.Parse(time.RFC3339, q.Get("end_date"))
	refreshed := f.now.Add(-time.Hour)
	if err != nil || wrong != nil || until.Before(from) || until.Sub(from) > month {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, object{"name": "INVALID_REQUEST", "message": "Date range is greater than 31 days"})
		return
	}
	listed := slices.DeleteFunc(slices.Clone(f.entries), func(e entry) bool {
		at := initiated(e)
		return at.Before(from) || at.After(until) || at.After(refreshed)
	})
	number := number(r, "page", 1)
	part, _ := page(listed, (number-1)*pageSize)
	answer(w, object{
		"transaction_details": shown(part, func(e entry) object {
			return object{"transaction_info": object{
				"transaction_id": fmt.Sprintf("5TY05013RG0028%d", e.id), "transaction_event_code": "T0006",
				"transaction_initiation_date": initiated(e).Format("2006-01-02T15:04:05-0700"),
				"transaction_status":          e.name, "transaction_amount": object{"currency_code": "EUR", "value": "12.00"},
			}}
		}),
		"last_refreshed_datetime": refreshed.Format("2006-01-02T15:04:05-0700"),
		"page":                    number, "total_items": len(listed), "total_pages": (len(listed) + pageSize - 1) / pageSize,
	})
}

func TestPayPal(t *testing.T) {
	against(t, api{
		credentials: "Bearer token",
		known:       known("start_date", "end_date", "page", "page_size"),
		serve:       paypal,
		limited:     tooMany(http.StatusTooManyRequests, nil, object{"name": "RATE_LIMIT_REACHED", "message": "Too many requests. Blocked due to rate limiting."}),
	}, func(t *testing.T, f *fake) {
		f.wait(2 * month)
		model := create(t, f.db, must(PayPal(f.url, "token", initiated(f.entries[0])))(t))
		run := func(call ...synced.Call) synced.Counts {
			t.Helper()
			result, err := model.Synchronize(t.Context(), synced.NoScope, call...)
			require.NoError(t, err)
			require.Empty(t, result.NotStored)
			return changed(result)
		}
		require.Equal(t, synced.Counts{Created: 8}, run())
		require.Zero(t, run(), "nothing is new")
		f.change(7)
		require.Zero(t, run(), "what becomes of a transaction is not told")
		require.Equal(t, synced.Counts{Updated: 1}, run(PayPalLately(f.now)))
		f.mu.Lock()
		f.entries = append(f.entries, entry{id: 114, name: "P"})
		f.now = initiated(f.entries[8]).Add(30 * time.Minute)
		f.mu.Unlock()
		require.Zero(t, run(), "it comes up to three hours late")
		f.wait(time.Hour)
		require.Equal(t, synced.Counts{Created: 1}, run())
	})
}
