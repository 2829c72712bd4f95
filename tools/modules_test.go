package tools

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const core = "github.com/syncedgo/synced"

// mostDirect is how many modules the core may require itself.
const mostDirect = 15

// gomod is what `go mod edit -json` prints.
type gomod struct {
	Module  struct{ Path string }
	Tool    []struct{ Path string }
	Require []struct {
		Path     string
		Indirect bool
	}
}

// direct lists the modules that the module itself uses: its packages and its tools.
func (m gomod) direct() []string {
	var paths []string
	for _, r := range m.Require {
		isTool := slices.ContainsFunc(m.Tool, func(t struct{ Path string }) bool { return strings.HasPrefix(t.Path+"/", r.Path+"/") })
		if !r.Indirect || isTool {
			paths = append(paths, r.Path)
		}
	}
	return paths
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

func read(t *testing.T, dir string) gomod {
	t.Helper()
	var m gomod
	if err := json.Unmarshal([]byte(run(t, dir, "mod", "edit", "-json")), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// beside lists the folders of the modules other than the core.
func beside(t *testing.T) []string {
	t.Helper()
	var dirs []string
	top := root(t)
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "go.mod" && filepath.Dir(path) != top {
			dirs = append(dirs, filepath.Dir(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func TestCore_RequiresFewModules(t *testing.T) {
	t.Parallel()
	if direct := read(t, root(t)).direct(); len(direct) > mostDirect {
		t.Errorf("the core requires %d modules, more than %d: %s", len(direct), mostDirect, strings.Join(direct, ", "))
	}
}

// TestDependencies_HaveAReason holds docs/dependencies.md against each go.mod.
func TestDependencies_HaveAReason(t *testing.T) {
	t.Parallel()
	reasons, err := os.ReadFile(filepath.Join(root(t), "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	major := regexp.MustCompile(`/v\d+$`)
	for _, dir := range append(beside(t), root(t)) {
		m := read(t, dir)
		for _, path := range m.direct() {
			name := major.ReplaceAllString(strings.TrimPrefix(path, "github.com/"), "")
			if path != core && !strings.Contains(string(reasons), name) {
				t.Errorf("docs/dependencies.md does not say what %s requires %s for", m.Module.Path, path)
			}
		}
	}
}

// TestUsers_GetTheCoreAlone looks at the modules of a program that uses the core
// with both stores: what only the other modules need is not among them.
func TestUsers_GetTheCoreAlone(t *testing.T) {
	t.Parallel()
	got := modulesOfUser(t)
	if !slices.Contains(got, "github.com/jackc/pgx/v5") {
		t.Fatalf("not a program's modules: %s", got)
	}
	own := read(t, root(t)).direct()
	for _, dir := range beside(t) {
		m := read(t, dir)
		for _, path := range append(m.direct(), m.Module.Path) {
			// Dependencies of the core name modules of golang.org/x for their own tests.
			if path == core || slices.Contains(own, path) || strings.HasPrefix(path, "golang.org/x/") {
				continue
			}
			if slices.Contains(got, path) {
				t.Errorf("who uses the core alone gets %s, which only %s needs", path, m.Module.Path)
			}
		}
	}
}

func modulesOfUser(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sums, err := os.ReadFile(filepath.Join(root(t), "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write("go.sum", string(sums))
	write("go.mod", "module example.com/service\n\ngo 1.26.0\n\nrequire "+core+" v0.0.0\n\nreplace "+core+" => "+root(t)+"\n")
	write("main.go", `package main

import (
	_ "github.com/syncedgo/synced"
	_ "github.com/syncedgo/synced/store/postgres"
	_ "github.com/syncedgo/synced/store/sqlite"
)

func main() {}
`)
	run(t, dir, "list", "-mod=mod", "-deps", ".") // it needs no module but these
	return strings.Fields(run(t, dir, "list", "-mod=mod", "-m", "-f", "{{.Path}}", "all"))
}
