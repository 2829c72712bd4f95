package breaking_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
)

// families are villas with all that belongs to them, as text, by account and id:
// what one transaction must keep together.
type families map[string]string

func key(account, id any) string { return fmt.Sprintf("%v/%v", account, id) }

// family spells a villa: photos and texts in order, a null text as none.
func family(name, label, data string, photos, texts []string) string {
	slices.Sort(photos)
	slices.Sort(texts)
	return fmt.Sprintf("%s|%s|%x|%s|%s", name, label, xxh3.HashString(data), strings.Join(photos, ","), strings.Join(texts, ","))
}

// dropping reports whether a family is as the run leaves it, except for photos that
// go at the end of the run: as they were before, and of ids that it will not
// have.
func dropping(before, after, now string) bool {
	was, will, is := strings.Split(before, "|"), strings.Split(after, "|"), strings.Split(now, "|")
	if len(was) != 5 || len(will) != 5 || len(is) != 5 {
		return false
	}
	goes := func(photo string) bool {
		id := photo[:strings.LastIndex(photo, " ")+1]
		return slices.Contains(strings.Split(was[3], ","), photo) && !slices.ContainsFunc(strings.Split(will[3], ","), func(p string) bool { return strings.HasPrefix(p, id) })
	}
	left := slices.DeleteFunc(strings.Split(is[3], ","), goes)
	is[3] = strings.Join(left, ",")
	return slices.Equal(is, will)
}

// read reads what the tables hold, by SQL of its own.
func read(t testing.TB, db backend.Store) families {
	t.Helper()
	photos := list(t, db, "SELECT v.account_id, v.synced_id, p.account_id || ' ' || p.synced_id || ' ' || p.url FROM photos p JOIN villas v ON v.id = p.villa_id")
	texts := list(t, db, "SELECT v.account_id, v.synced_id, t.locale || '=' || t.headline FROM villas_translations t JOIN villas v ON v.id = t.parent_id WHERE t.headline IS NOT NULL")
	require.Empty(t, list(t, db, "SELECT account_id, synced_id, url FROM photos WHERE villa_id NOT IN (SELECT id FROM villas)"), "photos without a villa")
	require.Empty(t, list(t, db, "SELECT parent_id, 0, locale FROM villas_translations WHERE parent_id NOT IN (SELECT id FROM villas)"), "texts without a villa")
	found := families{}
	each(t, db, "SELECT account_id, synced_id, name, label, CAST(synced_data AS text) FROM villas WHERE synced_id IS NOT NULL", func(rows store.Rows) error {
		var account, id int64
		var name, label, data string
		if err := rows.Scan(&account, &id, &name, &label, &data); err != nil {
			return err
		}
		k := key(account, id)
		require.NotContains(t, found, k, "twice")
		found[k] = family(name, label, data, photos[k], texts[k])
		return nil
	})
	return found
}

// expected returns the rows that a collection leads to.
func expected(t testing.TB, account int64, c *remotetest.Collection) families {
	t.Helper()
	all := families{}
	for _, id := range c.IDs() {
		raw, ok := c.Raw(id)
		require.True(t, ok)
		var villa struct {
			Name   string
			Photos []struct {
				ID  int64
				URL string
			}
			Headline map[string]*string
		}
		require.NoError(t, json.Unmarshal([]byte(raw), &villa))
		var photos, texts []string
		for _, p := range villa.Photos {
			photos = append(photos, fmt.Sprintf("%d %d %s", account, p.ID, p.URL))
		}
		for locale, text := range villa.Headline {
			if text != nil {
				texts = append(texts, locale+"="+*text)
			}
		}
		all[key(account, id)] = family(villa.Name, label(villa.Name), raw, photos, texts)
	}
	return all
}

// with is the union of two scopes' families.
func (f families) with(other families) families {
	both := maps.Clone(f)
	maps.Copy(both, other)
	return both
}

// diff says what differs from f in other, "" where nothing does.
func (f families) diff(other families) string {
	var lines []string
	for _, k := range slices.Sorted(maps.Keys(f.with(other))) {
		if f[k] != other[k] {
			lines = append(lines, fmt.Sprintf("%s: want %q, is %q", k, f[k], other[k]))
		}
	}
	return strings.Join(lines, "\n")
}

// list groups the third column of a query by the first two.
func list(t testing.TB, db backend.Store, sql string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	each(t, db, sql, func(rows store.Rows) error {
		var account, id int64
		var text string
		if err := rows.Scan(&account, &id, &text); err != nil {
			return err
		}
		found[key(account, id)] = append(found[key(account, id)], text)
		return nil
	})
	return found
}

func each(t testing.TB, db backend.Store, sql string, row func(store.Rows) error) {
	t.Helper()
	require.NoError(t, store.Each(context.Background(), db, squirrel.Expr(sql), row))
}
