package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/testdb"
)

// TestMain is also the other processes of the program.
func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		main()
		return
	}
	os.Exit(testdb.Main(m))
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"rental":  {"-records", "600", "-perpage", "400", "-out", t.TempDir()},
		"atomic":  {"-commit", "atomic", "-latency", "1ms", "-perpage", "30", "-inflight", "3", "-alone", "-only", "first,since"},
		"small":   {"-bytes", "100", "-only", "unchanged"},
		"wide":    {"-wide", "-only", "unchanged"},
		"numeric": {"-numeric", "-only", "unchanged"},
		"nested":  {"-nested", "-only", "first,unchanged"},
		"texts":   {"-translations", "-only", "first,unchanged,check"},
		"members": {"-members", "-accents", "-only", "changed", "-peers", "hand,careful"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			args := append([]string{"-records", "150", "-rounds", "1", "-database", testdb.PostgresURL(t)}, args...)
			require.NoError(t, dispatch(t.Context(), args, &b))
			require.Contains(t, b.String(), "| PostgreSQL |")
			require.Contains(t, b.String(), "| SQLite |")
			if name != "rental" {
				return
			}
			folder := args[len(args)-1]
			written, err := os.ReadFile(filepath.Join(folder, "bench.md"))
			require.NoError(t, err)
			require.Equal(t, b.String(), string(written))
			for _, store := range []string{"postgres", "sqlite"} {
				plot, err := os.ReadFile(filepath.Join(folder, store+".svg"))
				require.NoError(t, err)
				require.Contains(t, string(plot), "<svg")
			}
		})
	}
}

func TestDispatch_Growth(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	folder := t.TempDir()
	args := []string{"-rounds", "1", "-store", "both", "-bytes", "100", "-only", "unchanged,removal", "-scopes", "3", "-growth", "200,400", "-database", testdb.PostgresURL(t), "-out", folder}
	require.NoError(t, dispatch(t.Context(), args, &b))
	require.Contains(t, b.String(), "| rows of the scope | 200 | 400 |")
	require.Contains(t, b.String(), "| sqlite, full sync, 1 % gone |")
	require.NotContains(t, b.String(), "updated_since")
	for _, file := range []string{"growth-postgres.svg", "growth-sqlite.svg"} {
		plot, err := os.ReadFile(filepath.Join(folder, file))
		require.NoError(t, err)
		require.Contains(t, string(plot), "<svg")
	}
}

func TestDispatch_MinRatio(t *testing.T) {
	t.Parallel()
	args := []string{"-records", "200", "-rounds", "1", "-store", "sqlite", "-only", "first", "-min-ratio"}
	require.NoError(t, dispatch(t.Context(), append(args, "sqlite.first=0.0001,unchanged=1000,first/bun=0.0001"), io.Discard), "unchanged did not run")
	err := dispatch(t.Context(), append(args, "first=100000"), io.Discard)
	require.ErrorContains(t, err, "sqlite, first: ")
	require.ErrorContains(t, dispatch(t.Context(), append(args, "sqlite.first/careful=100000"), io.Discard), "times the careful sync")
}

func TestParse_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"no PostgreSQL":                   {"-database", ""},
		`no scenario "all"`:               {"-only", "all"},
		`no peer "sqlc"`:                  {"-peers", "sqlc"},
		`"frist=3": want a scenario`:      {"-min-ratio", "frist=3"},
		"give one of them":                {"-wide", "-numeric"},
		`"first/best=3": want a scenario`: {"-min-ratio", "first/best=3"},
		"-bytes 1: want 100":              {"-bytes", "1"},
		`"20,10": want numbers of rec`:    {"-growth", "20,10"},
		`-commit "never": want`:           {"-store", "sqlite", "-commit", "never"},
		`-store "mysql": want`:            {"-store", "mysql"},
		`argument "fast" is not underst`:  {"fast"},
	} {
		_, err := parse(args, io.Discard)
		require.ErrorContains(t, err, want)
	}
}

// Every record of every variant can be asked for, by pages, by id and by time.
func TestList_Variants(t *testing.T) {
	t.Parallel()
	l := newList(options{sizes: sizes{Records: 2000}, kind: kind{Bytes: 1500, Shape: "rental"}})
	for v := range variants {
		require.Len(t, l.has[v], 2000-count(2000, v, goneIn))
		require.Len(t, l.changed[v], count(2000, v, changedIn))
	}
	require.Len(t, l.changed[later], 20)
	require.Len(t, l.has[moved], 1998)
	require.Len(t, l.has[fewer], 1978)
	require.InDelta(t, 1500, len(l.all)/2000, 10)
}
