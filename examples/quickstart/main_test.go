package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestRun(t *testing.T) {
	t.Parallel()
	for _, records := range []int{0, 1, 2, 10, 300} {
		t.Run(fmt.Sprintf("sqlite, %d records", records), func(t *testing.T) {
			t.Parallel()
			requireInStep(t, records, testdb.SQLite(t))
		})
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := testdb.PostgresURL(t)
		requireInStep(t, 300, url)
		requireNothingLeft(t, url)
	})
}

// requireInStep runs the program, and holds what it prints.
func requireInStep(t *testing.T, records int, database string) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-records", fmt.Sprint(records), "-database", database}, &b), b.String())
	out := b.String()
	for _, r := range out {
		require.True(t, r == '\n' || !unicode.IsControl(r), "control character %q in:\n%s", r, out)
	}
	for line := range strings.Lines(out) {
		require.Equal(t, strings.TrimRight(line, " \n")+"\n", line, "spaces at the end")
	}

	updated := min(records, 1+records/50)
	deleted := min(records-updated, 1+records/100)
	created := 1 + records/100
	left := records + created - deleted
	require.Equal(t, [][]int{
		// account, requests, records, created, updated, removed, unchanged
		{17, pages(records), records, records, 0, 0, 0},
		{42, pages(records), records, records, 0, 0, 0},
		{17, 1, created + updated, created, updated, deleted, 0},
		{42, 1, created + updated, created, updated, deleted, 0},
		{17, pages(left), left, 0, 0, 0, left},
		{42, pages(left), left, 0, 1, 0, left - 1},
	}, counts(t, out), out)
	require.Equal(t, 1, strings.Count(out, "0 missing, 0 additional, 1 changed"), out)
	require.Equal(t, 3, strings.Count(out, "nothing differs"), out)
	require.Contains(t, out, `its notes are still "asked for a discount"`)

	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	require.Equal(t, fmt.Sprintf("in step: 2 accounts, %d rentals equal the remote's", 2*left), lines[len(lines)-1])
}

// pages is how many pages of 100 a list has.
func pages(records int) int { return max(1, (records+99)/100) }

// counts reads the first seven numbers of the lines below each "account".
func counts(t *testing.T, out string) [][]int {
	t.Helper()
	var all [][]int
	lines := strings.Split(out, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "   account requests") {
			continue
		}
		for _, line := range lines[i+1 : i+1+len(accounts)] {
			numbers := make([]int, 7)
			for i, field := range strings.Fields(line)[:len(numbers)] {
				_, err := fmt.Sscan(field, &numbers[i])
				require.NoError(t, err, line)
			}
			all = append(all, numbers)
		}
	}
	return all
}

// requireNothingLeft looks for schemas and tables of the program's.
func requireNothingLeft(t *testing.T, url string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer conn.Close(ctx)
	var left int
	require.NoError(t, conn.QueryRow(ctx, `SELECT
		(SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'synced%') +
		(SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace)`).Scan(&left))
	require.Zero(t, left)
}

// stopper is a terminal at which somebody presses Ctrl-C when a text appears.
type stopper struct {
	text string
	stop func()
}

func (s stopper) Write(p []byte) (int, error) {
	if strings.Contains(string(p), s.text) {
		s.stop()
	}
	return len(p), nil
}

func TestRun_LeavesNothingInTheTemporaryFolder(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	t.Setenv("TMP", folder) // Windows
	requireEmpty := func(after string) {
		left, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.Empty(t, left, after)
	}
	require.NoError(t, run(t.Context(), []string{"-records", "10"}, io.Discard))
	requireEmpty("the end")
	for _, text := range []string{"Table ", "1. ", "3. ", "5. ", "6. "} {
		ctx, stop := context.WithCancel(t.Context())
		err := run(ctx, []string{"-records", "1000"}, stopper{text, stop})
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "clean up")
		requireEmpty(text)
	}
}

func TestRun_InterruptedOnPostgresLeavesNothing(t *testing.T) {
	t.Parallel()
	url := testdb.PostgresURL(t)
	ctx, stop := context.WithCancel(t.Context())
	err := run(ctx, []string{"-database", url}, stopper{"3. ", stop})
	require.ErrorIs(t, err, context.Canceled)
	require.NotContains(t, err.Error(), "clean up")
	requireNothingLeft(t, url)
}

// broken is a full disk.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestRun_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, run(t.Context(), []string{"-records", "1", "-database", testdb.SQLite(t)}, broken{}), io.ErrShortWrite)

	exists := testdb.SQLite(t)
	require.NoError(t, os.WriteFile(exists, []byte("somebody's"), 0o600))
	for _, c := range []struct {
		want string
		args []string
	}{
		{"-records -1: want 0 to 500000", []string{"-records", "-1"}},
		{"-records 500001: want 0 to 500000", []string{"-records", "500001"}},
		{`invalid value "many" for flag -records`, []string{"-records", "many"}},
		{"-help shows the options", []string{"-bogus"}},
		{`argument "cache.db" is not understood`, []string{"cache.db"}},
		{"exists: name a file that does not exist yet", []string{"-database", exists}},
		{"exists: name a file that does not exist yet", []string{"-database", t.TempDir()}},
		{"no such file or directory", []string{"-database", filepath.Join(t.TempDir(), "no", "x.db")}},
		{"not understood", []string{"-database", "mysql://joe:s3cret@localhost/db"}},
		{"not understood", []string{"-database", "host=localhost password=s3cret"}},
		{"cannot parse", []string{"-database", "postgres://joe:s3cret%zz@localhost/db"}},
		{"failed to connect", []string{"-database", "postgres://joe:s3cret@127.0.0.1:1/db"}},
	} {
		var b bytes.Buffer
		err := run(t.Context(), c.args, &b)
		require.ErrorContains(t, err, c.want)
		require.NotContains(t, err.Error()+b.String(), "s3cret")
		require.Empty(t, b.String())
	}
}

func TestRun_Help(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-help"}, &b))
	require.Contains(t, b.String(), "-records")
	require.Contains(t, b.String(), "(default 1000)")
}
