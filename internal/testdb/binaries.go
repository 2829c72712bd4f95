package testdb

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// packaged lists where packages put the server's programs without adding them to the PATH.
var packaged = []string{
	"/usr/lib/postgresql/*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/usr/pgsql-*/bin",
}

// binaries returns the folder that holds initdb and postgres: from the PATH, else the newest of a package, else the one
// that pg_config names.
func binaries() (string, error) {
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range packaged {
		folders = append(folders, newestFirst(pattern)...)
	}
	if dir := firstWithServer(folders); dir != "" {
		return dir, nil
	}
	out, err := exec.Command("pg_config", "--bindir").Output()
	if dir := firstWithServer([]string{strings.TrimSpace(string(out))}); err == nil && dir != "" {
		return dir, nil
	}
	return "", errNoServer
}

func firstWithServer(folders []string) string {
	for _, dir := range folders {
		if filepath.IsAbs(dir) && executable(dir, "initdb") && executable(dir, "postgres") {
			return dir
		}
	}
	return ""
}

func executable(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

var version = regexp.MustCompile(`\d+`)

// newestFirst sorts by number: 15 comes before 9.
func newestFirst(pattern string) []string {
	folders, _ := filepath.Glob(pattern) // the only error is a bad pattern
	number := func(dir string) int {
		n, _ := strconv.Atoi(version.FindString(dir[strings.Index(pattern, "*"):]))
		return n
	}
	slices.SortStableFunc(folders, func(a, b string) int { return number(b) - number(a) })
	return folders
}
