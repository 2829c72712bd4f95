package absent

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/listing"
	"github.com/syncedgo/synced/internal/model"
)

func TestRefuse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		search       Search
		listed       int
		absent, rows int
		want         string
	}{
		"half of a large scope":          {listed: 101, absent: 101, rows: 202},
		"more than half":                 {listed: 101, absent: 102, rows: 202, want: "more than 50 % of the scope"},
		"any share of 100 rows":          {listed: 1, absent: 99, rows: 100},
		"the share of 101 rows":          {listed: 1, absent: 100, rows: 101, want: "more than 50 % of the scope"},
		"nothing listed":                 {absent: 1, rows: 1, want: "the remote listed nothing at all"},
		"nothing listed, allowed":        {search: Search{Allowed: true}, absent: 1, rows: 1},
		"nothing listed, given":          {search: Search{Given: true}, absent: 1, rows: 1},
		"filtered":                       {search: Search{Filtered: true}, listed: 5, absent: 1, rows: 6, want: "the call's own query may leave out records that exist"},
		"filtered and much, but allowed": {search: Search{Filtered: true, Allowed: true}, listed: 5, absent: 900, rows: 905},
		"no limit":                       {search: Search{Removal: model.Removal{Limit: 1}}, listed: 1, absent: 900, rows: 901},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.search.Removal.Limit == 0 {
				c.search.Removal.Limit = 0.5
			}
			c.search.Listing = listing.New(listing.Rules{})
			for key := range c.listed {
				c.search.Listing.Seen(uint64(key))
			}
			require.Equal(t, c.want, c.search.refuse(c.absent, c.rows))
		})
	}
}
