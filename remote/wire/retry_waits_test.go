package wire

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetry_Waits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		retry Retry
		want  []time.Duration // the bounds
	}{
		{Retry{First: 500, Longest: 3000}, []time.Duration{500, 1000, 2000, 3000, 3000}},
		{Retry{First: 5000, Longest: 3000}, []time.Duration{3000, 3000}},
		{Retry{First: 1 << 61, Longest: math.MaxInt64 - 1}, []time.Duration{1 << 61, 1 << 62, math.MaxInt64 - 1, math.MaxInt64 - 1}},
	} {
		waits := c.retry.waits()
		for _, bound := range c.want {
			require.Equal(t, bound, waits.bound)
			wait := waits.next()
			require.GreaterOrEqual(t, wait, time.Duration(0))
			require.Less(t, wait, bound)
		}
	}
}
