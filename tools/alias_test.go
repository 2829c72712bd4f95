package tools

import (
	"go/ast"
	"go/types"
	"regexp"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestAliases holds the comments of the root package's aliases to what they stand for:
// go doc shows an alias without its fields, so the comment names each.
func TestAliases(t *testing.T) {
	t.Parallel()
	mode := packages.NeedName | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedImports
	loaded, err := packages.Load(&packages.Config{Mode: mode, Dir: root(t)}, ".")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range loaded[0].Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			d, ok := n.(*ast.GenDecl)
			if !ok || len(d.Specs) != 1 {
				return true
			}
			spec, ok := d.Specs[0].(*ast.TypeSpec)
			if !ok || !spec.Assign.IsValid() {
				return true
			}
			of, ok := types.Unalias(loaded[0].TypesInfo.Defs[spec.Name].Type()).Underlying().(*types.Struct)
			if !ok {
				return true
			}
			seen++
			for field := range of.Fields() {
				word := regexp.MustCompile(`\b` + field.Name() + `\b`)
				if field.Exported() && !word.MatchString(d.Doc.Text()) {
					t.Errorf("the comment of synced.%s does not name its field %s", spec.Name.Name, field.Name())
				}
			}
			return true
		})
	}
	if seen < 8 {
		t.Errorf("only %d aliases of structs were found: is each declared by itself?", seen)
	}
}
