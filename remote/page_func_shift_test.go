package remote_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

// A next page that looks like a position makes the pages shift, and others do where it
// is declared.
func TestPageFunc_Shifting(t *testing.T) {
	t.Parallel()
	for next, shifts := range map[string]bool{"%d": true, `{"offset":%d}`: true, `{"after":"record-%d"}`: false} {
		for _, declared := range []bool{false, true} {
			api := remote.PageFunc(func(_ context.Context, _ remote.Request, cursor string) ([]map[string]int, string, error) {
				for n := 1; n < 3; n++ {
					if after := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, next, n)); n == 1 && cursor == "" || n == 2 && cursor != "" {
						return []map[string]int{{"id": n}}, map[bool]string{true: after}[n == 1], nil
					}
				}
				return nil, "", nil
			})
			if declared {
				api = remote.Shifting(api)
			}
			pages := 0
			for page, err := range api.Pages(t.Context(), remote.Request{}) {
				require.NoError(t, err)
				require.Equal(t, shifts || declared, page.Shifting, next)
				pages++
			}
			require.Equal(t, 2, pages)
		}
	}
	single := remote.Shifting(remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
		return func(yield func(*remote.Page, error) bool) { yield(&remote.Page{Number: 1}, nil) }
	}))
	for page, err := range single.Pages(t.Context(), remote.Request{}) {
		require.NoError(t, err)
		require.False(t, page.Shifting, "a list of one page does not shift")
	}
}
