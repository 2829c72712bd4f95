// Package migrationfiles writes the migrations of synced's own tables as files of the tools
// that services have.
package migrationfiles

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/syncedgo/synced"
)

// tool is how a tool has its files.
type tool struct {
	// width is how many digits a number has in an empty folder.
	width int
	// files returns the texts of a migration by what their names end with.
	files func(m synced.Migration) map[string]string
}

var tools = map[string]tool{
	"goose": {5, func(m synced.Migration) map[string]string {
		return map[string]string{".sql": "-- +goose Up\n" + m.Up + "\n-- +goose Down\n" + m.Down}
	}},
	"golang-migrate": {6, func(m synced.Migration) map[string]string {
		return map[string]string{".up.sql": m.Up, ".down.sql": m.Down}
	}},
	"atlas": {stamp, func(m synced.Migration) map[string]string { // which plans the way back itself
		return map[string]string{".sql": m.Up}
	}},
}

// Tools are the names of the tools that [Write] knows.
const Tools = "goose, golang-migrate or atlas"

// Write writes those migrations that a folder lacks, whatever their numbers there, as files
// for a tool, and prints their names to out. Without a folder it prints the SQL of all.
func Write(out io.Writer, list []synced.Migration, style, dir string, now func() time.Time) error {
	t, ok := tools[style]
	if !ok {
		return fmt.Errorf("-tool %s: want %s", style, Tools)
	}
	if dir == "" {
		for _, m := range list {
			fmt.Fprintf(out, "-- %d: %s\n%s\n", m.Number, m.Name, m.Up)
		}
		return nil
	}
	there, err := folderOf(dir, t.width)
	if err != nil {
		return err
	}
	for _, m := range list {
		if there.has(m) {
			continue
		}
		number := there.next(now())
		files := t.files(m)
		for _, suffix := range slices.Sorted(maps.Keys(files)) {
			name := filepath.Join(dir, number+"_"+nameOf(m)+suffix)
			if err := os.WriteFile(name, []byte(files[suffix]), 0o644); err != nil {
				return err
			}
			fmt.Fprintln(out, name)
		}
	}
	return nil
}

// stamp is how many digits a time has as a number.
const stamp = len("20060102150405")

// folder is the service's migrations.
type folder struct {
	names map[string]bool // of synced's
	last  int64
	width int
}

var numbered = regexp.MustCompile(`^(\d+)_(.*?)(\.up|\.down)?\.sql$`)

func folderOf(dir string, width int) (*folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("-dir: %w", err)
	}
	f := &folder{names: map[string]bool{}, width: width}
	for _, e := range entries {
		match := numbered.FindStringSubmatch(e.Name())
		if match == nil {
			continue
		}
		number, err := strconv.ParseInt(match[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: the number is too large", e.Name())
		}
		f.names[match[2]] = true
		if number >= f.last {
			f.last, f.width = number, len(match[1])
		}
	}
	return f, nil
}

func nameOf(m synced.Migration) string { return "synced_" + m.Name }

// has reports whether the folder has a migration, whatever its number.
func (f *folder) has(m synced.Migration) bool { return f.names[nameOf(m)] }

// next returns the number of the next file.
func (f *folder) next(now time.Time) string {
	f.last++
	if f.width == stamp {
		number, err := strconv.ParseInt(now.UTC().Format("20060102150405"), 10, 64)
		if err == nil {
			f.last = max(f.last, number)
		}
	}
	return fmt.Sprintf("%0*d", f.width, f.last)
}
