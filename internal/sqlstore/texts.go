package sqlstore

import (
	"context"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/idindex"
	"github.com/syncedgo/synced/store"
)

// SameTexts implements [backend.Store]. The texts are compared where they are. A key and a
// locale are put together, as the id that a [Comparison] has: no key that it is asked for
// has a "/".
func (s Session) SameTexts(ctx context.Context, t *backend.Translations, keys []backend.ID, texts []backend.Translation) ([]bool, error) {
	same := make([]bool, len(keys))
	conn, ok := s.conn.(Comparer)
	if !ok || len(keys) == 0 || t.ParentKind == backend.Text {
		return same, nil
	}
	of := idindex.Of(len(keys), func(i int) backend.ID { return keys[i] })
	for i := range same {
		same[i] = true
	}
	differs := func(key backend.ID) {
		if i, ok := of.Find(key); ok {
			same[i] = false
		}
	}
	columns, found := translationColumns(t, texts), make([]bool, len(texts))
	parent, locale := columns[0].quoted, columns[1].quoted
	selected, nulls := []string{"CAST(" + parent + " AS text) || '/' || coalesce(" + locale + ", '')"}, []string(nil)
	var compared []SourceColumn
	for _, column := range columns[2:] {
		selected, nulls, compared = append(selected, column.quoted), append(nulls, column.quoted+" IS NULL"), append(compared, column.SourceColumn)
	}
	places := idindex.Of(len(texts), func(i int) backend.ID { return backend.TextID(texts[i].Parent.String() + "/" + texts[i].Locale) })
	query, err := s.build(s.dialect.Keyed(store.Quote(t.Name), selected, parent, t.ParentKind, keys, squirrel.Expr("NOT ("+strings.Join(nulls, " AND ")+")")))
	if err != nil {
		return nil, err
	}
	err = conn.Same(ctx, query.SQL, query.Args, Comparison{
		Columns: compared,
		Row: func(id backend.ID) (int, bool) {
			i, ok := places.Find(id)
			if !ok {
				key, _, _ := strings.Cut(id.String(), "/")
				if key, err := backend.ParseID(t.ParentKind, key); err == nil {
					differs(key)
				}
			}
			return i, ok
		},
		Value: func(row, column int) any {
			if text := texts[row].Texts[column]; text != nil {
				return text
			}
			return &texts[row].Texts[column]
		},
		Same: func(row int) { found[row] = true },
	})
	if err != nil || !slices.Contains(found, true) { // it may have given up at the first row
		clear(same)
	}
	for i, text := range texts {
		if !found[i] {
			differs(text.Parent)
		}
	}
	return same, err
}
