package plural_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/plural"
)

func TestOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"0 rows", "1 row", "2 rows", "1 byte"},
		[]string{plural.Of(0, "row"), plural.Of(1, "row"), plural.Of(2, "row"), plural.Of(int64(1), "byte")})
}
