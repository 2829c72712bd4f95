package sqlstore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUniqueIndex(t *testing.T) {
	t.Parallel()
	scopeAndID := []string{"account_id", "synced_id"}
	for predicate, unique := range map[string]bool{
		"":                               true,
		"(synced_id IS NOT NULL)":        true,
		`"synced_id" is not  null`:       true,
		"[account_id] NOTNULL":           true,
		"(name IS NOT NULL)":             false,
		"(synced_id IS NULL)":            false,
		"synced_id > 0":                  false,
		"synced_id IS NOT NULL AND true": false,
	} {
		require.Equal(t, unique, UniqueIndex(scopeAndID, predicate), predicate)
	}
	require.False(t, UniqueIndex(nil, ""), "no columns")
	require.False(t, UniqueIndex([]string{"synced_id", ""}, ""), "an expression")
}
