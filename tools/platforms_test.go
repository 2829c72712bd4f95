package tools

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// platforms are those on which the library is used beside linux/amd64, on which its
// tests run. They differ in the files that are built, and in the size of an int.
var platforms = []string{small, "windows/amd64", "darwin/arm64", "linux/arm64"}

// small is where an int has 32 bits, so that a number in a test may be too big for one.
const small = "linux/386"

// TestPlatforms type-checks the library for each platform, from its sources and those of
// others. It takes 4 s of one core each, and 6 s with the tests; to compile SQLite and the
// standard library for each would take minutes.
func TestPlatforms(t *testing.T) {
	if os.Getenv("CI") == "" {
		t.Skip("CI type-checks the library for other platforms; CI=1 does it here")
	}
	t.Parallel()
	for _, platform := range platforms {
		t.Run(platform, func(t *testing.T) {
			system, processor, _ := strings.Cut(platform, "/")
			dir := root(t)
			loaded, err := packages.Load(&packages.Config{
				Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
					packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo,
				Dir:   dir,
				Env:   append(os.Environ(), "GOOS="+system, "GOARCH="+processor, "CGO_ENABLED=0"),
				Tests: platform == small,
				ParseFile: func(files *token.FileSet, name string, src []byte) (*ast.File, error) {
					file, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution)
					if !strings.HasPrefix(name, dir) {
						withoutBodies(file)
					}
					return file, err
				},
			}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			if len(loaded) < 50 {
				t.Fatalf("%d packages were found", len(loaded))
			}
			for _, p := range loaded {
				if strings.HasSuffix(p.ID, ".test") {
					continue // the command that runs the tests
				}
				for _, e := range p.Errors {
					t.Error(e)
				}
			}
		})
	}
}

// withoutBodies leaves of the functions of others what ours see of them.
func withoutBodies(file *ast.File) {
	if file == nil {
		return
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			f.Body = nil
		}
	}
}
