package recipes

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// The pages of docs/apis show the code that is tested here, on a screen each.
func TestPages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "apis", "*.md"))
	require.NoError(t, err)
	toc, err := os.ReadFile(filepath.Join("..", "..", "docs", "apis.md"))
	require.NoError(t, err)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	recipes := 0
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") && file != "doc.go" {
			recipes++
		}
	}
	require.Len(t, pages, recipes, "each file has a page")
	for _, page := range pages {
		name := strings.TrimSuffix(filepath.Base(page), ".md")
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		code, err := os.ReadFile(name + ".go")
		require.NoError(t, err)
		_, body, found := strings.Cut(string(code), "\n)\n\n")
		require.True(t, found)
		require.Contains(t, string(text), "```go\n"+body+"```\n", page)
		require.LessOrEqual(t, strings.Count(body, "\n"), 70, page)
		require.Contains(t, string(toc), "](apis/"+name+".md)")
	}
}

// migrated is a store that makes synced's own tables.
type migrated interface {
	store.Store
	Migrate(ctx context.Context) error
}

func sqliteFile(t *testing.T) migrated {
	t.Helper()
	db, err := sqlite.Open(t.Context(), ":memory:", sqlite.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func postgresDatabase(t *testing.T) migrated {
	t.Helper()
	return postgres.New(testdb.Postgres(t), postgres.Options{})
}

// create creates the table of a declaration, and binds it.
func create[T any](t *testing.T, db store.Store, declared synced.Synced[T]) *synced.Model[T] {
	t.Helper()
	require.NoError(t, declared.CreateTable(t.Context(), db))
	model, err := synced.New(t.Context(), db, declared)
	require.NoError(t, err)
	return model
}

// follow brings a table in step with a fake: a first run, an idle one, one after a change, and
// one after a deletion, which gone has to find.
func follow[T any](t *testing.T, f *fake, declared synced.Synced[T], gone ...synced.Call) *synced.Model[T] {
	t.Helper()
	model := create(t, f.db, declared)
	run := func(call ...synced.Call) synced.Result {
		t.Helper()
		result, err := model.Synchronize(t.Context(), synced.NoScope, call...)
		require.NoError(t, err)
		require.Nil(t, result.Refused)
		return result
	}
	require.Equal(t, synced.Counts{Created: 8}, changed(run()))
	require.Zero(t, changed(run()), "nothing is new")
	f.change(6)
	require.Equal(t, synced.Counts{Updated: 1}, changed(run()))
	f.remove(1)
	require.Equal(t, synced.Counts{Removed: 1}, changed(run(gone...)))
	require.Zero(t, changed(run()), "nothing is new")
	return model
}

// changed keeps what a run wrote.
func changed(r synced.Result) synced.Counts {
	return synced.Counts{Created: r.Created, Updated: r.Updated, Removed: r.Removed}
}
