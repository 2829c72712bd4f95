package recipes

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
)

// hubSpotSearch searches by a POST, whose cursor is an offset; a GET lists. Of more than six
// changes it says that there are more than 10,000.
func hubSpotSearch(f *fake, w http.ResponseWriter, r *http.Request) {
	show := func(e entry) object {
		return object{"id": strconv.Itoa(e.id), "properties": object{"dealname": e.name}, "archived": false}
	}
	if r.URL.Path != "/deals/search" {
		hubSpotList(f, w, r, "/deals/", "dealname")
		return
	}
	var body struct {
		Limit        int                                        `json:"limit"`
		After        string                                     `json:"after"`
		Properties   []string                                   `json:"properties"`
		Sorts        []struct{ PropertyName, Direction string } `json:"sorts"`
		FilterGroups []struct {
			Filters []struct{ PropertyName, Operator, Value string } `json:"filters"`
		} `json:"filterGroups"`
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&body)
	if err != nil || r.Method != http.MethodPost || body.Limit > 200 || len(body.FilterGroups) != 1 || len(body.Sorts) != 1 || !slices.Equal(body.Properties, []string{"dealname"}) {
		refuse(w, http.StatusBadRequest, "Invalid input JSON")
		return
	}
	filter := body.FilterGroups[0].Filters[0]
	milliseconds, err := strconv.ParseInt(filter.Value, 10, 64)
	if err != nil || filter.PropertyName != body.Sorts[0].PropertyName || filter.Operator != "GTE" {
		refuse(w, http.StatusBadRequest, "There was a problem with the request.")
		return
	}
	listed := f.live(time.UnixMilli(milliseconds))
	total := len(listed)
	if total > 6 {
		total += 10_000
	}
	from, _ := strconv.Atoi(body.After)
	part, more := page(listed, from)
	answered := object{"total": total, "results": shown(part, show)}
	if more {
		answered["paging"] = object{"next": object{"after": strconv.Itoa(from + len(part))}}
	}
	answer(w, answered)
}

func TestHubSpotSearch(t *testing.T) {
	against(t, api{
		credentials: "Bearer secret",
		known:       known("limit", "after", "properties"),
		serve:       hubSpotSearch,
		limited:     tooManyHubSpot,
	}, func(t *testing.T, f *fake) {
		model := follow(t, f, must(HubSpotSearch(f.url, "secret"))(t), Nightly)
		for i := range 8 {
			if !f.entries[i].deleted {
				f.change(i)
			}
		}
		result, err := model.Synchronize(t.Context(), synced.NoScope)
		require.NoError(t, err)
		require.Equal(t, synced.Counts{Updated: 7}, changed(result))
		require.NotEmpty(t, result.Complete, "a search would not show all")
		require.Empty(t, result.NotStored)
	})
}
