package plan

import (
	"database/sql"
	"math"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

// scoped is a model whose scope is kept in a field of type S.
type scoped[S any] struct {
	SyncedID int64 `json:"id" db:"synced_id"`
	Scope    S     `db:"scope"`
}

func inScope[S any](t *testing.T, scope any) (S, error) {
	t.Helper()
	rec, err := planOf[scoped[S]](t, idOptions).Map(object(t, `{"id": 1}`), Key{Column: "scope", Value: scope})
	if err != nil {
		var none S
		return none, err
	}
	return rec.Value.(*scoped[S]).Scope, nil
}

type (
	accountID   int32
	accountName string
)

func TestRecord_SetsTheScope(t *testing.T) {
	t.Parallel()
	const id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	sets := func(got any, err error) func(want any) {
		return func(want any) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
	int64s, uint64s, ids := func(v any) (any, error) { return inScope[int64](t, v) }, func(v any) (any, error) { return inScope[uint64](t, v) }, func(v any) (any, error) { return inScope[accountID](t, v) }
	sets(int64s(int64(math.MaxInt64)))(int64(math.MaxInt64))
	sets(uint64s(int64(7)))(uint64(7))
	sets(ids(int64(7)))(accountID(7))

	text, err := inScope[string](t, "north")
	sets(text, err)("north")
	named, err := inScope[accountName](t, "north")
	sets(named, err)(accountName("north"))
	pointer, err := inScope[*int64](t, int64(7))
	sets(*pointer, err)(int64(7))
	parsed, err := inScope[uuid.UUID](t, id)
	sets(parsed, err)(uuid.MustParse(id))
	parsedPointer, err := inScope[*uuid.UUID](t, id)
	sets(*parsedPointer, err)(uuid.MustParse(id))
	null, err := inScope[sql.NullInt64](t, int64(7))
	sets(null, err)(sql.NullInt64{Int64: 7, Valid: true})
	none, err := inScope[int64](t, nil)
	sets(none, err)(int64(0))
}

func TestRecord_AScopeThatDoesNotFit(t *testing.T) {
	t.Parallel()
	fails := func(_ any, err error) func(want string) {
		return func(want string) {
			t.Helper()
			require.EqualError(t, err, want)
		}
	}
	tooBig := func() (any, error) { return inScope[accountID](t, int64(1)<<40) }
	fails(tooBig())("Scope: the key 1099511627776 does not fit field Scope of type plan.accountID")
	negative := func() (any, error) { return inScope[uint8](t, int64(-1)) }
	fails(negative())("Scope: the key -1 does not fit field Scope of type uint8")
	text := func() (any, error) { return inScope[int64](t, "north") }
	fails(text())("Scope: the key north does not fit field Scope of type int64")
	number := func() (any, error) { return inScope[string](t, int64(65)) }
	fails(number())("Scope: the key 65 does not fit field Scope of type string")
	noUUID := func() (any, error) { return inScope[uuid.UUID](t, "north") }
	fails(noUUID())("Scope: the key north does not fit field Scope of type uuid.UUID")
	odd := func() (any, error) { return inScope[[]string](t, "north") }
	fails(odd())("Scope: the key north does not fit field Scope of type []string")
}

func TestScopeKind(t *testing.T) {
	t.Parallel()
	kind := func(p *Plan) backend.Kind {
		k, err := p.ScopeKind("scope")
		require.NoError(t, err)
		return k
	}
	require.Equal(t, backend.Int, kind(planOf[scoped[*int32]](t, idOptions)))
	require.Equal(t, backend.Int, kind(planOf[scoped[sql.NullInt64]](t, idOptions)))
	require.Equal(t, backend.Text, kind(planOf[scoped[accountName]](t, idOptions)))
	require.Equal(t, backend.UUID, kind(planOf[scoped[*uuid.UUID]](t, idOptions)))
	require.Equal(t, backend.UUID, kind(planOf[scoped[uuid.NullUUID]](t, idOptions)))
	require.Zero(t, kind(planOf[intID](t, idOptions)))

	_, err := planOf[scoped[float64]](t, idOptions).ScopeKind("scope")
	require.EqualError(t, err, "field Scope: a float64 can't keep a scope: use an integer, a string or a uuid.UUID")
}
