package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	for _, line := range []string{
		`minute 20: the server refuses row [17]: column "nights": "a few" is not an integer of 64 bits`,
		"minute 30: 50 changes noted, 0 rows uploaded, 50 deleted",
		"both tables have the same rows",
	} {
		require.Contains(t, out.String(), line)
	}
}
