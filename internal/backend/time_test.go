package backend_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

func TestTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 3, 4, 12, 0, 0, 123456000, time.UTC)
	for name, test := range map[string]struct {
		given any
		want  time.Time
		err   string
	}{
		"null":       {nil, time.Time{}, ""},
		"a time":     {want.In(time.FixedZone("Tokyo", 9*3600)), want, ""},
		"text":       {"2026-03-04T21:00:00.123456+09:00", want, ""},
		"other text": {"noon", time.Time{}, `"noon" is not a time`},
		"a number":   {int64(7), want, "a int64 is not a time"},
	} {
		at := backend.Time{Time: want}
		err := at.Scan(test.given)
		require.Equal(t, test.want, at.Time, name)
		if test.err == "" {
			require.NoError(t, err, name)
		} else {
			require.EqualError(t, err, test.err, name)
		}
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 21, 0, 0, 123456999, time.FixedZone("Tokyo", 9*3600))
	require.Equal(t, time.Date(2026, 3, 4, 12, 0, 0, 123456000, time.UTC), backend.Moment(at))
}
