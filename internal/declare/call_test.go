package declare_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/model"
)

func TestSettle_OverridesByTheSameValues(t *testing.T) {
	t.Parallel()
	db := setup(t)
	d := declare.Declaration{Row: reflect.TypeFor[house](), Table: "houses", Commit: &declare.Commit{Checkpoint: 5}}
	d.Remove.Kind, d.Remove.Limit = model.Destroy, 0.2
	bound := bind(t, db, d)
	for name, c := range map[string]struct {
		call       declare.Call
		limit      float64
		checkpoint int64
		atomic     bool
	}{
		"as declared":               {declare.Call{}, 0.2, 5, false},
		"atomic":                    {declare.Call{Commit: &declare.Commit{Atomic: true}}, 0.2, 5, true},
		"another checkpoint":        {declare.Call{Commit: &declare.Commit{Checkpoint: 7}}, 0.2, 7, false},
		"a removal without a limit": {declare.Call{Remove: d.Remove}, 0.2, 5, false},
	} {
		settled, err := bound.SettleLocal(t.Context(), nil, c.call)
		require.NoError(t, err, name)
		require.InDelta(t, c.limit, settled.Removal.Limit, 0, name)
		require.Equal(t, c.checkpoint, int64(settled.Checkpoint), name)
		require.Equal(t, c.atomic, settled.Atomic, name)
	}
}
