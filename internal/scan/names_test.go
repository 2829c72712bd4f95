package scan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/scan"
)

// TestNames reads lists whose objects have names like those of the object before, and
// unlike, once with a name twice.
func TestNames(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	all := make([]string, 140)
	for i := range all {
		all[i] = fmt.Sprintf("%s%d", []string{"n", "number_", "the number that is "}[i%3], i)
	}
	twice := false
	var value func(depth int) string
	value = func(depth int) string {
		if depth == 0 || r.IntN(3) == 0 {
			return []string{"1", `"x"`, "null"}[r.IntN(3)]
		}
		var items []string
		n := []int{1, 3, 8}[r.IntN(3)]
		if depth == 12 {
			n = 130
		}
		for range 1 + r.IntN(3) {
			names := slices.Clone(all[:n+r.IntN(2)])
			if r.IntN(4) == 0 {
				i, j := r.IntN(len(names)), r.IntN(len(names))
				names[i], names[j] = names[j], names[i]
			}
			if r.IntN(200) == 0 && len(names) > 1 {
				names[len(names)-1], twice = names[r.IntN(len(names)-1)], true
			}
			var members []string
			for i, name := range names {
				in := 0
				if i == 0 || i == 2 && r.IntN(4) == 0 {
					in = depth - 1
				}
				members = append(members, fmt.Sprintf(`%q:%s`, name, value(in)))
			}
			items = append(items, "{"+strings.Join(members, ",")+"}")
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	refused := 0
	for range 300 {
		twice = false
		text := value(12)
		end := scan.Value([]byte(text), 0)
		if twice {
			refused++
			require.Equal(t, scan.None, end, text)
			require.Equal(t, -1, strict([]byte(text)), text)
		} else {
			require.Equal(t, len(text), end, text)
		}
	}
	require.NotZero(t, refused)
	require.Less(t, refused, 250)
}
