package tools

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestDocs compiles each Go block of the README and of docs, in one package, so that
// what a reader copies fits the library. An ellipsis stands for what is left out.
func TestDocs(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join(root(t), "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, filepath.Join(root(t), "README.md"))
	var code bytes.Buffer
	code.WriteString("package snippets\n\n" + docImports)
	around, err := os.ReadFile(filepath.Join("testdata", "around.txt"))
	if err != nil {
		t.Fatal(err)
	}
	code.Write(around)
	blocks := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocksOf(filepath.Base(page), string(text)) {
			if strings.HasPrefix(b.code, "package main") {
				continue // a whole program: its example holds the page to it
			}
			b.write(&code)
			blocks++
		}
	}
	if blocks < 20 {
		t.Fatalf("%d blocks of code were found", blocks)
	}
	for _, problem := range check(t, code.Bytes()) {
		t.Error(problem)
	}
}

// check compiles a file as a package of the library's module, and returns what is wrong.
func check(t *testing.T, code []byte) (problems []string) {
	t.Helper()
	file := filepath.Join(root(t), "internal", "snippets", "snippets.go")
	mode := packages.NeedName | packages.NeedTypes | packages.NeedSyntax | packages.NeedImports
	loaded, err := packages.Load(&packages.Config{Mode: mode, Dir: root(t), Overlay: map[string][]byte{file: code}}, "./internal/snippets")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range loaded {
		for _, e := range p.Errors {
			if !strings.HasSuffix(e.Msg, "not used") && !strings.Contains(e.Msg, "is not used") && !strings.Contains(e.Msg, "and not used") {
				problems = append(problems, e.Error())
			}
		}
	}
	return problems
}

// block is the code of a page between fences, and the line of its beginning.
type block struct {
	page, code string
	line       int
}

func blocksOf(page, text string) (found []block) {
	var inside *block
	for i, line := range strings.Split(text, "\n") {
		switch {
		case line == "```go":
			inside = &block{page: page, line: i + 2}
		case inside != nil && strings.HasPrefix(line, "```"):
			inside.code = withoutEllipses(inside.code)
			found, inside = append(found, *inside), nil
		case inside != nil:
			inside.code += line + "\n"
		}
	}
	return found
}

// withoutEllipses takes out each ellipsis that is neither in a text nor in a comment,
// with a comma after it.
func withoutEllipses(code string) string {
	src := []byte(code)
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, bytes.Clone(src), func(token.Position, string) {}, 0)
	for pos, tok, lit := s.Scan(); tok != token.EOF; pos, tok, lit = s.Scan() {
		if tok == token.ILLEGAL && lit == "…" {
			at := file.Offset(pos)
			end := at + len(lit)
			if bytes.HasPrefix(src[end:], []byte(",")) {
				end++
			}
			copy(src[at:end], strings.Repeat(" ", end-at))
		}
	}
	return string(src)
}

// write writes the block as what it is: an expression, the settings of a declaration,
// or statements. Its types are those of the package, so that other blocks use them.
func (b block) write(w *bytes.Buffer) {
	at := fmt.Sprintf("//line %s:%d\n", b.page, b.line)
	if _, err := parser.ParseExpr(b.code); err == nil {
		fmt.Fprintf(w, "\nvar _ =\n%s%s", at, b.code)
		return
	}
	if settings := "synced.Synced[Photo]{\n" + b.code + "\n}"; parses(settings) {
		fmt.Fprintf(w, "\nvar _ = synced.Synced[Photo]{\n%s%s}\n", at, b.code)
		return
	}
	code := b.code
	for _, t := range slices.Backward(typesIn(code)) {
		fmt.Fprintf(w, "\n//line %s:%d\n%s\n", b.page, b.line+strings.Count(code[:t.from], "\n"), code[t.from:t.to])
		code = code[:t.from] + blank(code[t.from:t.to]) + code[t.to:]
	}
	fmt.Fprintf(w, "\nfunc _() error {\n%s%spanic(0)\n}\n", at, code)
}

func parses(expression string) bool {
	_, err := parser.ParseExpr(expression)
	return err == nil
}

// blank keeps the lines of a text only.
func blank(text string) string { return strings.Repeat("\n", strings.Count(text, "\n")) }

// extent is a part of a text.
type extent struct{ from, to int }

// typesIn finds the declarations of types among statements.
func typesIn(code string) (found []extent) {
	const before = "package p; func _() {\n"
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", before+code+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return nil // the compiler tells
	}
	for _, s := range file.Decls[0].(*ast.FuncDecl).Body.List {
		d, ok := s.(*ast.DeclStmt)
		if ok && d.Decl.(*ast.GenDecl).Tok == token.TYPE {
			found = append(found, extent{files.Position(d.Pos()).Offset - len(before), files.Position(d.End()).Offset - len(before)})
		}
	}
	return found
}

// docImports are those of every block; what none needs is no problem.
const docImports = `import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/observe"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/peer"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/oauth"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/remote/budget"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
	"github.com/syncedgo/synced/upload"
)
`
