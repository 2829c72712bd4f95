package tools

import (
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// mayShow lists the packages of others that a signature of ours may name, by the
// package that shows them.
var mayShow = map[string][]string{
	"remote/wire":    {"golang.org/x/oauth2", "golang.org/x/oauth2/clientcredentials"},
	"remote/oauth":   {"golang.org/x/oauth2"},
	"store/postgres": {"github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgconn", "github.com/jackc/pgx/v5/pgxpool"},
}

// abilities is the method of a store that only this library calls.
const abilities = "Backend"

// TestSurface looks at all that users can reach from a public package: it is made
// of the standard library's types and of our public ones. A type of a module that
// may change, or of an internal package, could not be written by a user.
func TestSurface(t *testing.T) {
	t.Parallel()
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes, Dir: root(t)}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	public := map[string]*types.Package{}
	for _, p := range loaded {
		for _, e := range p.Errors {
			t.Fatal(e)
		}
		if !strings.Contains(p.PkgPath+"/", "/internal/") {
			public[p.PkgPath] = p.Types
		}
	}
	for _, path := range slices.Sorted(maps.Keys(public)) {
		name := strings.TrimPrefix(strings.TrimPrefix(path, core), "/")
		s := surface{of: public[path], shown: map[string]string{}}
		s.look()
		for _, other := range slices.Sorted(maps.Keys(s.shown)) {
			std := !strings.Contains(strings.Split(other, "/")[0], ".")
			if !std && public[other] == nil && !slices.Contains(mayShow[name], other) {
				t.Errorf("%s shows %s", path, s.shown[other])
			}
		}
	}
}

// surface is what a package shows to its users.
type surface struct {
	of    *types.Package
	shown map[string]string // package, and the first place that names a type of it
}

func (s *surface) look() {
	scope := s.of.Scope()
	for _, name := range scope.Names() {
		if obj := scope.Lookup(name); obj.Exported() {
			s.object(name, obj)
		}
	}
}

func (s *surface) object(at string, obj types.Object) {
	name, isType := obj.(*types.TypeName)
	if !isType {
		s.typ(at, obj.Type())
		return
	}
	if alias, ok := obj.Type().(*types.Alias); ok {
		s.typ(at, alias.Rhs())
		return
	}
	s.typ(at, name.Type().Underlying())
	for method := range types.NewMethodSet(types.NewPointer(name.Type())).Methods() {
		if method.Obj().Exported() && method.Obj().Name() != abilities {
			s.typ(at+"."+method.Obj().Name(), method.Obj().Type())
		}
	}
}

// typ notes the packages that a type names. It does not look into other named
// types: their own package shows them.
func (s *surface) typ(at string, t types.Type) {
	switch t := t.(type) {
	case *types.Named:
		s.named(at, t.Obj())
		for arg := range t.TypeArgs().Types() {
			s.typ(at, arg)
		}
	case *types.Alias:
		s.named(at, t.Obj())
	case interface{ Elem() types.Type }:
		if m, ok := t.(*types.Map); ok {
			s.typ(at, m.Key())
		}
		s.typ(at, t.Elem())
	case *types.Struct:
		for field := range t.Fields() {
			if field.Exported() {
				s.typ(at+"."+field.Name(), field.Type())
			}
		}
	case *types.Interface:
		for method := range t.Methods() {
			if method.Exported() {
				s.typ(at+"."+method.Name(), method.Type())
			}
		}
	case *types.Signature:
		for v := range t.Params().Variables() {
			s.typ(at, v.Type())
		}
		for v := range t.Results().Variables() {
			s.typ(at, v.Type())
		}
	}
}

func (s *surface) named(at string, name *types.TypeName) {
	if name.Pkg() == nil || name.Pkg() == s.of {
		return
	}
	if s.shown[name.Pkg().Path()] == "" {
		s.shown[name.Pkg().Path()] = name.Pkg().Path() + "." + name.Name() + " in " + at
	}
}
