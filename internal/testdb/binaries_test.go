package testdb

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBinaries(t *testing.T) {
	t.Parallel()

	root := t.TempDir()
	install := func(dir string, names ...string) string {
		dir = filepath.Join(root, dir)
		require.NoError(t, os.MkdirAll(dir, 0o755))
		for _, name := range names {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o755))
		}
		return dir
	}
	client := install("usr/bin", "psql", "pg_config")
	old := install("lib/9.6/bin", "initdb", "postgres")
	newest := install("lib/15/bin", "initdb", "postgres")

	found := newestFirst(filepath.Join(root, "lib/*/bin"))
	require.Equal(t, []string{newest, old}, found, "sorted as numbers")
	require.Equal(t, newest, firstWithServer(append([]string{client, "."}, found...)))
	require.Empty(t, firstWithServer([]string{client, ""}))
}
