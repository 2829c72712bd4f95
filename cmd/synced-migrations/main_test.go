package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
)

func at() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) }

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestFiles(t *testing.T) {
	t.Parallel()
	steps := len(synced.Migrations(synced.SQLite{}))
	for _, c := range []struct{ tool, there, first string }{
		{"goose", "", "00001_synced_quarantine.sql"},
		{"goose", "00041_users.sql", "00042_synced_quarantine.sql"},
		{"golang-migrate", "7_users.down.sql", "8_synced_quarantine.down.sql"},
		{"golang-migrate", "", "000001_synced_quarantine.down.sql"},
		{"atlas", "", "20260304120000_synced_quarantine.sql"},
		{"goose", "20990101000000_users.sql", "20990101000001_synced_quarantine.sql"},
	} {
		dir := t.TempDir()
		if c.there != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, c.there), nil, 0o600))
		}
		run := func() string {
			var out bytes.Buffer
			require.NoError(t, run([]string{"-dialect", "sqlite", "-prefix", "crm_", "-tool", c.tool, "-dir", dir}, &out, at))
			return out.String()
		}
		first := run()
		require.Equal(t, filepath.Join(dir, c.first), strings.SplitN(first, "\n", 2)[0])
		files := strings.Count(first, "\n")
		require.Equal(t, steps*map[bool]int{true: 2, false: 1}[c.tool == "golang-migrate"], files)
		require.Empty(t, run(), "nothing is written twice")

		// After an upgrade, only what is new is written, with the next numbers.
		require.NoError(t, os.Remove(filepath.Join(dir, c.first)))
		if c.tool == "golang-migrate" {
			require.NoError(t, os.Remove(filepath.Join(dir, strings.Replace(c.first, "down", "up", 1))))
		}
		before := names(t, dir)
		again := strings.Fields(run())[0]
		require.Greater(t, filepath.Base(again), filepath.Base(before[0]))
		require.Contains(t, again, "synced_quarantine")
		text, err := os.ReadFile(again)
		require.NoError(t, err)
		require.Contains(t, string(text), `"crm_synced_quarantine"`)
		require.Equal(t, c.tool == "goose", strings.HasPrefix(string(text), "-- +goose Up\n"))
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run([]string{"-schema", "synced"}, &out, at))
	require.Contains(t, out.String(), `CREATE TABLE "synced"."synced_runs" (`)
	for mistake, args := range map[string][]string{
		"-dialect mysql: want postgres or sqlite":               {"-dialect", "mysql"},
		"-schema: SQLite has no schemas; use -prefix":           {"-dialect", "sqlite", "-schema", "x"},
		"-tool flyway: want goose, golang-migrate or atlas":     {"-tool", "flyway"},
		"-dir: open /no/such/folder: no such file or directory": {"-dir", "/no/such/folder"},
	} {
		require.EqualError(t, run(args, &out, at), mistake)
	}
}
