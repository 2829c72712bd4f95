package proof_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// speakers are the files whose texts users read as reasons: Refused, NotStored, Doubt.
var speakers = []string{
	"../proof/*.go", "../absent/*.go", "../engine/one.go", "../listing/listing.go", "../feed/windows.go",
	"../../remote/rest/end.go", "../../remote/rest/content_range.go", "../../remote/rest/empty_status.go", "../../remote/rest/tie.go",
}

const guarantees = "../../docs/guarantees.md"

// TestDocs_HaveEachReason compares the reasons in the code with the table in the docs,
// both ways. What differs from case to case is "…" there.
func TestDocs_HaveEachReason(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(guarantees)
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(page), "\n## Every reason that refuses\n")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "\n## ")

	reasons := reasonsOf(t)
	for _, reason := range reasons {
		for _, part := range parts(reason, regexp.MustCompile(`%%|%\.?\d*[a-z]`)) {
			require.Contains(t, table, part, "%s lacks the reason %q", guarantees, reason)
		}
	}
	all := strings.ReplaceAll(strings.Join(reasons, "\n"), "%%", "%")
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.Trim(cells[1], " -") == "" || strings.TrimSpace(cells[1]) == "reason" {
			continue
		}
		for _, part := range parts(strings.TrimSpace(cells[1]), regexp.MustCompile("…")) {
			require.Contains(t, all, part, "no code gives the reason %q", cells[1])
		}
	}
}

// parts are the texts between what differs, but for the short ones.
func parts(text string, differs *regexp.Regexp) []string {
	var list []string
	for _, part := range differs.Split(text, -1) {
		if part = strings.TrimSpace(part); len(part) > 5 {
			list = append(list, part)
		}
	}
	return list
}

// reasonsOf lists the sentences of the speakers that are no errors.
func reasonsOf(t *testing.T) []string {
	t.Helper()
	var reasons []string
	for _, pattern := range speakers {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					f, ok := n.Fun.(*ast.SelectorExpr)
					return !ok || f.Sel.Name != "Errorf" && f.Sel.Name != "New"
				case *ast.CompositeLit:
					kind, ok := n.Type.(*ast.SelectorExpr)
					return !ok || kind.Sel.Name != "FormatError"
				case *ast.BasicLit:
					text, err := strconv.Unquote(n.Value)
					if err == nil && n.Kind == token.STRING && n.Value[0] == '"' && len(strings.Fields(text)) > 4 {
						reasons = append(reasons, text)
					}
				}
				return true
			})
		}
	}
	return reasons
}
