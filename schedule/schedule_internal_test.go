package schedule

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParentsOf(t *testing.T) {
	t.Parallel()
	parents := map[string][]string{"a": {"b", "c"}, "b": {"c", "elsewhere"}, "c": {"a"}, "d": {"d"}}
	before := parentsOf([]string{"a", "b", "c", "d"}, func(name string) []string { return parents[name] })
	require.Equal(t, map[string][]string{"a": {"b", "c"}, "b": {"c"}}, before, "the last of a circle waits for nobody, and none for itself")
	require.Equal(t, []string{"c", "b", "a", "d"}, parentsFirst([]string{"a", "b", "c", "d"}, before))
}
