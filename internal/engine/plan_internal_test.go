package engine

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/plan"
)

type rental struct {
	SyncedID int64 `json:"id" db:"synced_id"`
}

func planOf(t *testing.T) *plan.Plan {
	t.Helper()
	p, err := plan.New(reflect.TypeFor[rental](), plan.Options{IDColumn: "synced_id"})
	require.NoError(t, err)
	return p
}
