package recognize_test

import (
	"go/parser"
	"go/token"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/recorded"
	"github.com/syncedgo/synced/remote/rest"
)

// What a real API answered is recognized. A file of one page shows little of pages.
func TestContract_C216_RecordedAnswersAreRecognized(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"los_records", "los_records_updated_since", "bookings_paginated", "amenities", "bookings", "rentals", "photos", "destinations", "availabilities",
		"rates_tables", "bookings_deleted_ids",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exchanges := recorded.Load(t, name)
			srv := recorded.Replay(t, exchanges)
			u, err := url.Parse(exchanges[0].Request.URL)
			require.NoError(t, err)
			found, err := rest.Recognize(t.Context(), srv.URL+u.RequestURI(), nil)
			require.NoError(t, err)
			told := map[string]string{}
			for _, f := range found.Findings {
				told[f.Setting] = f.Value
			}
			require.Equal(t, "rest.LinkHeader{}", told["Pagination"])
			require.Equal(t, `"id"`, told["id"])
			require.Empty(t, found.Config.RecordsKey, "the default")
			require.Contains(t, told, "Since")
			if name == "bookings_deleted_ids" || name == "los_records_updated_since" {
				require.Contains(t, told, "Deleted")
			}
			if name == "los_records" {
				require.Equal(t, `"X-Total-Count"`, told["TotalHeader"])
			}
			_, err = parser.ParseFile(token.NewFileSet(), "p.go", found.Code("p"), parser.AllErrors)
			require.NoError(t, err)
		})
	}
}
