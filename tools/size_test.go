package tools

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// The most that a type which does something may have.
const (
	mostMethods = 25
	mostFields  = 15
)

// declarations are the types that only say something, though they have a method or
// so, and why they have that.
var declarations = map[string]string{
	".Synced":                      "what users declare; its methods hand it on",
	"internal/declare.Declaration": "Synced without T; its methods check and bind it",
	"internal/backend.Table":       "a table as planned; its methods read it",
	"internal/bench.peer":          "a model as ORMs want it; its method names the table",
	"remote.Page":                  "what an API says of a page; add puts items into it",
	"remote/rest.Config":           "what users configure; its methods check it",
	"remote/remotetest.Style":      "how a served API looks",
	"remote/remotetest.Quirks":     "what a served API does wrong",
	"report.Result":                "what a run did; String prints it",
}

// typeSize is what a type has.
type typeSize struct{ methods, fields int }

// TestSizes looks at all types with methods: who reads one must be able to keep
// what it holds and does in mind.
func TestSizes(t *testing.T) {
	t.Parallel()
	sizes := map[string]*typeSize{}
	dir := root(t)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() != "." && strings.HasPrefix(d.Name(), ".") {
			return errOr(err, fs.SkipDir)
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		within, err := filepath.Rel(dir, filepath.Dir(path))
		measure(sizes, filepath.ToSlash(within), file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, size := range sizes {
		_, only := declarations[name]
		switch {
		case size.methods > mostMethods:
			t.Errorf("%s has %d methods, more than %d: give some of them, and what they need, a type of their own", name, size.methods, mostMethods)
		case size.methods > 0 && size.fields > mostFields && !only:
			t.Errorf("%s has %d fields, more than %d: look for the nouns among them, or list it as a declaration with the reason", name, size.fields, mostFields)
		}
	}
	for name := range declarations {
		if size := sizes[name]; size == nil || size.methods == 0 || size.fields <= mostFields {
			t.Errorf("%s need not be listed as a declaration", name)
		}
	}
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// measure adds what a file has of the types of its package.
func measure(sizes map[string]*typeSize, dir string, file *ast.File) {
	of := func(name string) *typeSize {
		name = strings.TrimPrefix(dir, ".") + "." + name
		if sizes[name] == nil {
			sizes[name] = &typeSize{}
		}
		return sizes[name]
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil {
				of(receiver(d.Recv.List[0].Type)).methods++
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				named, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				if s, ok := named.Type.(*ast.StructType); ok {
					of(named.Name.Name).fields = fieldsOf(s)
				}
			}
		}
	}
}

// fieldsOf counts the fields of a struct, those of structs written into it too.
func fieldsOf(s *ast.StructType) int {
	n := 0
	for _, f := range s.Fields.List {
		each := 1
		if inner, ok := f.Type.(*ast.StructType); ok {
			each = fieldsOf(inner)
		}
		n += each * max(1, len(f.Names))
	}
	return n
}

// receiver returns the name of a receiver's type.
func receiver(expr ast.Expr) string {
	switch x := expr.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.IndexListExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	default:
		return ""
	}
}
