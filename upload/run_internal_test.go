package upload

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPause_GrowsWithFailures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failures    int
		every, want time.Duration
	}{
		{0, time.Minute, time.Minute},
		{1, time.Minute, time.Minute},
		{2, time.Minute, 2 * time.Minute},
		{4, time.Minute, 8 * time.Minute},
		{5, time.Minute, 15 * time.Minute},
		{1 << 30, time.Minute, 15 * time.Minute},
		{9, time.Hour, time.Hour},
	} {
		require.Equal(t, c.want, pause(c.failures, c.every, 0.5), "%+v", c)
		require.Equal(t, c.want*3/4, pause(c.failures, c.every, 0), "%+v", c)
		require.Equal(t, c.want*5/4, pause(c.failures, c.every, 1), "%+v", c)
	}
}
