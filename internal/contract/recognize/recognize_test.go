package recognize_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote/rest"
)

// The code that Recognize writes for a list is built, and brings all records into a table.
func TestContract_C213_TheRecognizedSettingsReadTheList(t *testing.T) {
	t.Parallel()
	codes, urls := map[string]string{}, map[string]string{}
	for name, s := range styles {
		srv := s.start(t, name)
		found, err := rest.Recognize(t.Context(), srv.URL()+"/"+name+s.query, nil)
		require.NoError(t, err, name)
		require.LessOrEqual(t, found.Requests, 6, name)
		codes[name], urls[name] = found.Code("p"), srv.URL()
	}
	program := build(t, codes)
	for store, dsn := range map[string]string{"sqlite": "", "postgres": testdb.PostgresURL(t)} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			if dsn == "" {
				dsn = filepath.Join(t.TempDir(), "recognized.db")
			}
			args, want := []string{store, dsn}, ""
			for name, url := range urls {
				args, want = append(args, name, url), want+name+": 25 created, 25 rows, refused: false, unknown: [], then 0 changed\n"
			}
			out, err := exec.Command(program, args...).CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Equal(t, want, string(out), codes)
		})
	}
}

// build builds a program that synchronizes each of the declarations in codes, a package each,
// and returns where it is.
func build(t *testing.T, codes map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	overlay := map[string]string{}
	write := func(at, code string) {
		file := filepath.Join(dir, fmt.Sprint(len(overlay), ".go"))
		require.NoError(t, os.WriteFile(file, []byte(code), 0o600))
		overlay[filepath.Join(root, "internal", "contract", "recognize", "program", at)] = file
	}
	var imports, cases strings.Builder
	for _, name := range slices.Sorted(maps.Keys(codes)) {
		write(filepath.Join(name, "p.go"), codes[name])
		fmt.Fprintf(&imports, "%s %q\n", name, "github.com/syncedgo/synced/internal/contract/recognize/program/"+name)
		fmt.Fprintf(&cases, "case %q:\nd, err := %s.Declare(base, nil)\nsynchronize(db, %q, d, err)\n", name, name, name)
	}
	program, err := os.ReadFile(filepath.Join("testdata", "program.txt"))
	require.NoError(t, err)
	write("main.go", strings.NewReplacer("// imports", imports.String(), "// cases", cases.String()).Replace(string(program)))
	file := filepath.Join(dir, "overlay.json")
	encoded, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, encoded, 0o600))
	out := filepath.Join(dir, "program")
	command := exec.Command("go", "build", "-overlay", file, "-o", out, "./internal/contract/recognize/program")
	command.Dir = root
	said, err := command.CombinedOutput()
	require.NoError(t, err, string(said))
	return out
}
