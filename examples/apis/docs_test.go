package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// preamble is what the blocks of docs/apis.md may use.
const preamble = `package docs

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/oauth"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
)

type Rental struct{}
type Post struct{}
type Villa struct{}

var (
	ctx     context.Context
	db      store.Store
	auth    wire.Auth
	rentals *synced.Model[Rental]
	account struct{ ID int64 }
	paris   *time.Location
	key     []byte
	snooze  func(time.Duration) error
	sdk     interface {
		Page(ctx context.Context, since time.Time, cursor string) ([]Villa, string, error)
	}
	base, id, secret, password, applicationPassword string
)

`

var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// TestDocs checks the types of each block of Go in docs/apis.md: an expression, or
// statements of a function that returns an error. What a block declares and does
// not use is no mistake there.
func TestDocs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/apis.md")
	require.NoError(t, err)
	found := block.FindAllStringSubmatchIndex(string(text), -1)
	require.NotEmpty(t, found)
	var source strings.Builder
	source.WriteString(preamble)
	for _, at := range found {
		code := string(text[at[2]:at[3]])
		if _, err := parser.ParseExpr(code); err == nil {
			code = "_ = " + code
		}
		kind := "string" // of the token
		if strings.Contains(code, ".Save(") {
			kind = "*oauth2.Token"
		}
		fmt.Fprintf(&source, "func _(token %s) error {\n//line docs/apis.md:%d\n%s\nreturn nil\n}\n",
			kind, 1+strings.Count(string(text[:at[2]]), "\n"), code)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "preamble.go", source.String(), parser.SkipObjectResolution)
	require.NoError(t, err)
	var wrong []string
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", exports(t, file)), Error: func(err error) {
		if e, ok := err.(types.Error); !ok || !e.Soft {
			wrong = append(wrong, err.Error())
		}
	}}
	_, _ = config.Check("docs", fset, []*ast.File{file}, nil) // its error is the first of wrong, or soft
	require.Empty(t, wrong, strings.Join(wrong, "\n"))
}

// exports finds the compiled packages that a file imports.
func exports(t *testing.T, file *ast.File) importer.Lookup {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}"}
	for _, i := range file.Imports {
		args = append(args, strings.Trim(i.Path.Value, `"`))
	}
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, export, _ := strings.Cut(strings.TrimSpace(line), "=")
		files[path] = export
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
}
