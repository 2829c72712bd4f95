package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README shows the program as it is, and what it prints.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	program, err := os.ReadFile("main.go")
	require.NoError(t, err)
	require.Contains(t, string(readme), "```go\n"+string(program)+"```\n")
	require.LessOrEqual(t, strings.Count(string(program), "\n"), 40)
	require.Less(t, len(readme), 8_000)

	binary := filepath.Join(t.TempDir(), "first")
	build := exec.Command("go", "build", "-o", binary, ".")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	run := exec.Command(binary)
	run.Dir = t.TempDir()
	out, err = run.CombinedOutput()
	require.NoError(t, err, string(out))
	took := regexp.MustCompile(`[0-9.]+m?s\)`)
	require.Contains(t, took.ReplaceAllString(string(readme), "…)"), "```\n"+took.ReplaceAllString(string(out), "…)")+"```\n")
}
