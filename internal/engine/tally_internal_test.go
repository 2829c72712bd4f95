package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/report"
)

// What becomes of records that are listed, written and set aside in any order.
func TestTally(t *testing.T) {
	t.Parallel()
	var table tally
	var c report.Counts
	const n = 1000
	for i := range n {
		require.True(t, table.list(uint64(3*i)))
		if i%2 == 0 {
			table.count(&c, uint64(3*i), report.Created)
		}
	}
	require.Equal(t, n, table.size())
	require.Equal(t, report.Counts{Created: n / 2}, c)
	require.Equal(t, n/2, table.written())
	for i := range n {
		require.False(t, table.list(uint64(3*i)))
		table.count(&c, uint64(3*i), report.Updated)
		require.False(t, table.has(uint64(3*i+1)))
	}
	require.Equal(t, report.Counts{Created: n / 2, Updated: n / 2}, c)
}
