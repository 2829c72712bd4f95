package reports_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
)

// What is streamed of a check tells what it did not prove, as its diff does.
func TestReport_R25_C89_AStreamedCheck(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		listed, total := list(1, 2), 2
		api := served(t, rest.Config{RecordsKey: "items", TotalPath: "total", Pagination: rest.OnePage{}}, func(r *http.Request) answer {
			switch number(r.URL.Path, 0) {
			case 0:
				return answer{body: fmt.Sprintf(`{"items":%s,"total":%d}`, listed, total)}
			case 1, 2, 3:
				return answer{body: record(number(r.URL.Path, 0))}
			}
			return missing
		})
		d := things()
		d.API = api
		m := here(t, b, d, 1, 2, 3)
		for range 2 {
			diff, err := m.Check(ctx, synced.NoScope)
			require.NoError(t, err)
			require.NotEmpty(t, diff.Doubt)
			for found, err := range m.Differences(ctx, synced.NoScope) {
				require.NoError(t, err)
				require.Equal(t, "3", found.Additional.ID)
				require.Equal(t, diff.Doubt, found.Doubt)
			}
			total = 3 // which is no better
		}
		listed = list(1, 2, 3)
		for found, err := range m.Differences(ctx, synced.NoScope) {
			require.NoError(t, err)
			require.Fail(t, "a difference", found)
		}
	})
}
