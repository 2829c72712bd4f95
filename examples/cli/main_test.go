package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/cli"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bookings.db")
	do := func(code int, command string) string {
		var out bytes.Buffer
		err := run(t.Context(), strings.Fields(command), file, &out)
		require.Equal(t, code, cli.ExitCode(err), "%s: %v", command, err)
		return out.String()
	}
	do(2, "ops status")
	do(0, "ops migrate")
	require.Contains(t, do(0, "ops sync"), "4 runs: 12 created\n")
	require.Contains(t, do(0, "ops status"), "4 scopes, 0 with something wrong\n")
	require.Contains(t, do(0, "ops check"), "bookings (account_id 2): 3 compared, nothing differs\n")
}
