package attack_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
)

// A record that is too large for SQLite is an invalid one, and nothing hangs or panics.
func TestContract_C100_TooLargeForSQLite(t *testing.T) {
	t.Parallel()
	for megabytes, outbox := range map[int]bool{30: true, 40: false} { // twice that in a row, with the stored object
		t.Run(fmt.Sprintf("%d MB", megabytes), func(t *testing.T) {
			b := harness.Setup(t, "sqlite")
			d := harness.Rentals()
			d.Outbox = outbox
			d.Invalid = synced.Quarantine{Limit: 1}
			model := harness.Model(t, b, d)
			objects := func(text string) (list []remote.Object) {
				for id, name := range []string{"a", text, "c"} {
					o, err := remote.ParseObject(fmt.Appendf(nil, `{"id":%d,"name":%q}`, id+1, name))
					require.NoError(t, err)
					list = append(list, o)
				}
				return list
			}
			ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
			defer cancel()
			for _, text := range []string{"b", strings.Repeat("x", megabytes<<20), "small"} {
				result, err := model.Synchronize(ctx, synced.In(1), synced.Call{Records: objects(text)})
				require.NoError(t, err)
				require.Equal(t, []string{"3"}, b.Column(t, "SELECT CAST(count(*) AS text) FROM rentals"))
				if megabytes > 32 && len(text) > 10 {
					require.Equal(t, 1, result.Quarantined)
					require.Contains(t, b.Column(t, "SELECT error FROM synced_quarantine")[0], "a row may have 67108864")
				} else {
					require.Zero(t, result.Quarantined)
				}
			}
		})
	}
}
