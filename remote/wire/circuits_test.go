package wire

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCircuits_AreBounded(t *testing.T) {
	t.Parallel()
	cache := circuitCache{found: map[circuitKey]*cachedCircuit{}}
	key := func(i int) circuitKey {
		return circuitKey{fmt.Sprintf("https://host-%d:443", i), Breaker{Failures: 3, Wait: time.Minute}}
	}
	kept := cache.get(key(0))
	for i := range 3 * maxCircuits {
		cache.get(key(i + 1))
		require.Same(t, kept, cache.get(key(0)), "it is asked for again and again")
	}
	require.Len(t, cache.found, maxCircuits)
	require.Contains(t, cache.found, key(3*maxCircuits))
	require.NotContains(t, cache.found, key(1))
	other := key(0)
	other.breaker.Failures++
	require.NotSame(t, kept, cache.get(other), "other settings")
}
