package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestRun(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(testing.TB) string { return "" },
		"postgres": testdb.PostgresURL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), url(t), &out))
			require.Equal(t, "2 created, 0 updated, 0 unchanged, 0 removed, 0 restored\nrental 1: welcome Villa Rosa\nrental 2: welcome Casa Verde\n", out.String())
		})
	}
}
