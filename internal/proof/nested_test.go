package proof

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNested(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		says  Nested
		whole bool
	}{
		"nothing told":               {Nested{Holds: 3}, false},
		"left out, as declared":      {Nested{Holds: 3, Omitted: true}, true},
		"no more":                    {Nested{Told: true, Holds: 3}, true},
		"no more of none":            {Nested{Told: true}, true},
		"more":                       {Nested{Told: true, Holds: 3, More: true}, false},
		"more, though left out":      {Nested{Told: true, Omitted: true, More: true}, false},
		"as many as told":            {Nested{Told: true, Holds: 3, Total: 3}, true},
		"more than told":             {Nested{Told: true, Holds: 4, Total: 3}, true},
		"fewer than told":            {Nested{Told: true, Holds: 2, Total: 3}, false},
		"as many, and there is more": {Nested{Told: true, Holds: 3, Total: 3, More: true}, false},
	} {
		require.Equal(t, c.whole, c.says.Whole(), name)
	}
}
