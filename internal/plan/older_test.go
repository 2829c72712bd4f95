package plan

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOlder(t *testing.T) {
	t.Parallel()
	type row struct {
		ID    int64      `json:"id" db:"synced_id"`
		At    time.Time  `json:"at" db:"at"`
		Maybe *time.Time `json:"maybe" db:"maybe"`
		N     int        `json:"n" db:"n"`
		U     *uint8     `json:"u" db:"u"`
		Text  string     `json:"text" db:"text"`
		Price string     `json:"price" db:"price" synced:"number"`
	}
	for _, c := range []struct{ column, a, b string }{
		{"at", `{"at":"2026-01-01T12:00:00+01:00"}`, `{"at":"2026-01-01T11:00:01Z"}`},
		{"maybe", `{"maybe":"2026-01-01T12:00:00Z"}`, `{"maybe":"2026-01-01T12:00:00.000001Z"}`},
		{"n", `{"n":9}`, `{"n":10}`},
		{"u", `{"u":9}`, `{"u":10}`},
		{"text", `{"text":"a"}`, `{"text":"b"}`},
	} {
		p, err := New(reflect.TypeFor[row](), Options{IDColumn: "synced_id"})
		require.NoError(t, err)
		a, b := object(t, c.a), object(t, c.b)
		require.False(t, p.Older(a, b), "without a Version")
		require.NoError(t, p.Version(c.column))
		require.True(t, p.Older(a, b), c.column)
		require.False(t, p.Older(b, a), c.column)
		require.False(t, p.Older(a, a), c.column)
		for _, none := range []string{`{}`, `{"at":null,"maybe":null,"n":null,"u":null,"text":null}`, `{"at":[],"maybe":5,"n":"x","u":-1,"text":{}}`} {
			require.False(t, p.Older(a, object(t, none)), c.column)
			require.False(t, p.Older(object(t, none), a), c.column)
		}
	}
	p, err := New(reflect.TypeFor[row](), Options{IDColumn: "synced_id"})
	require.NoError(t, err)
	require.NoError(t, p.Version("price"))
	require.False(t, p.Older(object(t, `{"price":"9"}`), object(t, `{"price":"10"}`)), "not known without the database")
}
