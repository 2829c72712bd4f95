package badinput_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// panics are the calls of panic that may be, by file, and why no data brings them
// about. Those of remotetest are mistakes in a test, or connections broken on purpose.
var panics = map[string][]string{
	"internal/engine/at_once.go":      {"raises again a panic of a function of the service's, in the goroutine of the run"},
	"internal/feed/windows.go":        {"raises again a panic of the service's API, in the goroutine of the run"},
	"internal/feed/queue.go":          {"raises again a panic of the service's API, in the goroutine of the run"},
	"internal/page/received.go":       {"raises again a panic of the service's Map, in the goroutine of the run"},
	"internal/sqlstore/batch.go":      {"a column that New has checked"},
	"internal/sqlstore/migrations.go": {"the files are part of the program, and read in each test"},
	"store/sqlite/dialect.go":         {"integers and strings can be encoded"},
	"internal/storetest/model.go":     {"a mistake in a test"},
}

// No data makes the library panic: where code may, is known.
func TestNoPanicOnData(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	require.NoError(t, fs.WalkDir(os.DirFS("../../.."), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path != "." && strings.HasPrefix(d.Name(), ".") || path == "remote/remotetest"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../../..", path), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "panic" {
					found[path]++
				}
			}
			return true
		})
		return nil
	}))
	require.NotEmpty(t, found)
	for path, n := range found {
		require.Len(t, panics[path], n, "%s panics %d times: return an error, or say here why no data brings it about", path, n)
	}
}
