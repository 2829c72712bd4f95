package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestField(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), "", &out), out.String())
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.LessOrEqual(t, len(lines), 40)
	for _, line := range lines {
		require.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
	}
	require.Equal(t, "in step: 3 installations have the same 3 visits, and no conflict is open", lines[len(lines)-1])
	require.Contains(t, out.String(), `conflict about Ada: was "planned", is "meter 4711" here, "nobody home" there`)
	for _, name := range []string{"center", "north", "south"} {
		require.Contains(t, out.String(), "  "+name+strings.Repeat(" ", 8-len(name))+"Ada: meter 4711, nobody home; Bob: done; Cleo: by chance\n")
	}
}
