package remotetest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
)

// How lists end, and what of that a client makes.
func TestStyle_Ends(t *testing.T) {
	t.Parallel()
	cursors := remotetest.Style{By: remotetest.ByCursor, Records: "rentals", NextParam: "next_cursor"}
	shifting := cursors
	shifting.Shifting = true
	for name, c := range map[string]struct {
		fake     remotetest.Config
		api      rest.Config
		n, pages int
		listed   int
		shifts   bool
		partial  bool
		err      error
	}{
		"whole":                {fake: remotetest.Config{Style: remotetest.Style{Records: "rentals", Whole: true}}, api: rest.Config{Pagination: rest.OnePage{}}, n: 25, pages: 1},
		"an end":               {fake: remotetest.Config{Style: remotetest.Style{By: remotetest.ByOffset, Records: "rentals", End: "meta.last"}}, api: rest.Config{Pagination: rest.Offset{EndPath: "meta.last"}}, n: 20, pages: 2, shifts: true},
		"cursors":              {fake: remotetest.Config{Style: cursors}, api: rest.Config{Pagination: rest.Cursor{}}, n: 25, pages: 3},
		"cursors that shift":   {fake: remotetest.Config{Style: shifting}, api: rest.Config{Pagination: rest.Cursor{}}, n: 25, pages: 3, shifts: true},
		"a part":               {fake: remotetest.Config{Quirks: remotetest.Quirks{Partial: true}, Style: remotetest.Style{Records: "rentals", NoLink: true}}, api: rest.Config{Pagination: rest.OnePage{}}, n: 25, pages: 1, listed: 10, partial: true},
		"all parts":            {fake: remotetest.Config{Quirks: remotetest.Quirks{Partial: true}, Style: remotetest.Style{By: remotetest.ByOffset, Records: "rentals"}}, api: rest.Config{Pagination: rest.Offset{}}, n: 25, pages: 4, shifts: true},
		"a total that is more": {fake: remotetest.Config{Quirks: remotetest.Quirks{Cap: 15}, Style: remotetest.Style{By: remotetest.ByOffset, Records: "rentals", Total: "total"}}, api: rest.Config{Pagination: rest.Offset{}, TotalPath: "total"}, n: 25, pages: 3, listed: 15, shifts: true},
		"incomplete":           {fake: remotetest.Config{Quirks: remotetest.Quirks{Incomplete: "meta.cut"}, Style: remotetest.Style{Records: "rentals"}}, api: rest.Config{Pagination: rest.OnePage{}, Incomplete: rest.Incomplete{Path: "meta.cut"}}, n: 5, pages: 1, listed: 4, partial: true},
		"an empty status":      {fake: remotetest.Config{Quirks: remotetest.Quirks{EmptyStatus: 204}}, api: rest.Config{EmptyStatus: []int{204}}, pages: 1},
		"left out":             {fake: remotetest.Config{Quirks: remotetest.Quirks{OmitsEmpty: true}}, api: rest.Config{RecordsOmitted: true}, pages: 1},
		"left out, undeclared": {fake: remotetest.Config{Quirks: remotetest.Quirks{OmitsEmpty: true}}, err: remote.ErrNoRecords},
		"null":                 {fake: remotetest.Config{Quirks: remotetest.Quirks{NullEmpty: true}, Style: remotetest.Style{Records: remotetest.Root}}, api: rest.Config{RecordsKey: rest.Root, RecordsOmitted: true}, pages: 1},
	} {
		c.fake.PerPage = 10
		srv := setup(t, c.fake, c.n)
		c.api.BaseURL, c.api.HTTP = srv.URL(), srv.Client()
		client, err := rest.NewClient(c.api)
		require.NoError(t, err)
		pages, listed, partial := 0, 0, ""
		for page, err := range client.Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
			if c.err != nil {
				require.ErrorIs(t, err, c.err, name)
				break
			}
			require.NoError(t, err, name)
			pages, listed, partial = pages+1, listed+len(page.Objects), partial+page.Partial
			require.Equal(t, c.shifts, page.Shifting, name)
		}
		if c.listed == 0 {
			c.listed = c.n
		}
		require.Equal(t, c.pages, pages, name)
		require.Equal(t, c.listed, listed, name)
		require.Equal(t, c.partial, partial != "", name)
	}
}
