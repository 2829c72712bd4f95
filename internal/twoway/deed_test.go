package twoway_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
)

// deed is a statement of a service.
type deed struct {
	Kind int
	A, B int // choose among the rows that are there
}

func (d deed) String() string {
	return fmt.Sprintf("%s(%d, %d)", deeds[d.Kind%len(deeds)].name, d.A, d.B)
}

// writing is a transaction of a service.
type writing struct {
	ctx   context.Context
	t     require.TestingT
	tx    backend.Tx
	s     *site
	saga  *saga
	wrote []string // the texts that tell each write from all others
}

// errNothing is a deed for which there is no row.
var errNothing = errors.New("there is no such row")

func (w *writing) exec(sql string, args ...any) error {
	_, err := w.tx.Exec(w.ctx, squirrel.Expr(sql, args...))
	return err
}

// body is a text that no other write has.
func (w *writing) body() string {
	w.saga.writes++
	text := fmt.Sprintf("w%d", w.saga.writes)
	w.wrote = append(w.wrote, text)
	return text
}

// pick chooses a label of a table.
func (w *writing) pick(table, column string, n int) (string, error) {
	var list []string
	rows, err := w.tx.Query(w.ctx, squirrel.Select("CAST("+column+" AS text)").From(table).OrderBy("1"))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return "", err
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return "", errNothing
	}
	return list[n%len(list)], rows.Err()
}

// label names a new row.
func (w *writing) label(what string) string {
	w.saga.labels++
	return fmt.Sprintf("%s%d", what, w.saga.labels)
}

// tags that all sites make, so that they collide.
var tagNames = []string{"red", "it's \"odd\" [,]\\ é", "1-2 3"}

const byLabel = "(SELECT id FROM %s WHERE label = ?)"

var deeds = []struct {
	name string
	do   func(w *writing, a, b int) error
}{
	{"new folder", func(w *writing, _, _ int) error {
		return w.exec("INSERT INTO folders (label, body) VALUES (?, ?)", w.label("f"), w.body())
	}},
	{"new note", func(w *writing, a, _ int) error {
		folder, err := w.pick("folders", "id", a)
		if err == nil {
			err = w.exec("INSERT INTO notes (label, folder_id, body) VALUES (?, CAST(? AS bigint), ?)", w.label("n"), folder, w.body())
		}
		return err
	}},
	{"edit folder", func(w *writing, a, _ int) error {
		folder, err := w.pick("folders", "label", a)
		if err == nil {
			err = w.exec("UPDATE folders SET body = ? WHERE label = ?", w.body(), folder)
		}
		return err
	}},
	{"edit note", func(w *writing, a, _ int) error {
		note, err := w.pick("notes", "label", a)
		if err == nil {
			err = w.exec("UPDATE notes SET body = ? WHERE label = ?", w.body(), note)
		}
		return err
	}},
	{"edit note's other column", func(w *writing, a, b int) error {
		note, err := w.pick("notes", "label", a)
		if err == nil {
			err = w.exec("UPDATE notes SET extra = ? WHERE label = ?", fmt.Sprint("extra ", b), note)
		}
		return err
	}},
	{"move note", func(w *writing, a, b int) error {
		note, err := w.pick("notes", "label", a)
		if err != nil {
			return err
		}
		folder, err := w.pick("folders", "label", b)
		if err == nil {
			err = w.exec("UPDATE notes SET folder_id = "+fmt.Sprintf(byLabel, "folders")+", body = ? WHERE label = ?", folder, w.body(), note)
		}
		return err
	}},
	{"delete note", func(w *writing, a, _ int) error {
		note, err := w.pick("notes", "label", a)
		if err == nil {
			err = w.exec("DELETE FROM notes WHERE label = ?", note)
		}
		return err
	}},
	{"delete folder and its notes", func(w *writing, a, _ int) error {
		folder, err := w.pick("folders", "label", a)
		if err != nil {
			return err
		}
		if err := w.exec("DELETE FROM notes WHERE folder_id = "+fmt.Sprintf(byLabel, "folders"), folder); err != nil {
			return err
		}
		if err := w.exec("UPDATE folders SET parent_id = NULL WHERE parent_id = "+fmt.Sprintf(byLabel, "folders"), folder); err != nil {
			return err
		}
		return w.exec("DELETE FROM folders WHERE label = ?", folder)
	}},
	{"put folder into another", func(w *writing, a, b int) error {
		folder, err := w.pick("folders", "label", a)
		if err != nil {
			return err
		}
		parent, err := w.pick("folders", "label", b)
		if err == nil {
			err = w.exec("UPDATE folders SET parent_id = "+fmt.Sprintf(byLabel, "folders")+", body = ? WHERE label = ?", parent, w.body(), folder)
		}
		return err
	}},
	{"put tag", func(w *writing, a, _ int) error {
		return w.exec("INSERT INTO tags (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body", tagNames[a%len(tagNames)], w.body())
	}},
	{"delete tag", func(w *writing, a, _ int) error {
		tag, err := w.pick("tags", "name", a)
		if err == nil {
			err = w.exec("DELETE FROM tags WHERE name = ?", tag)
		}
		return err
	}},
	{"put mark", func(w *writing, a, b int) error {
		note, err := w.pick("notes", "label", a)
		if err != nil {
			return err
		}
		tag, err := w.pick("tags", "name", b)
		if err == nil {
			err = w.exec("INSERT INTO marks (note_id, tag, body) VALUES ("+fmt.Sprintf(byLabel, "notes")+", ?, ?) ON CONFLICT (note_id, tag) DO UPDATE SET body = excluded.body", note, tag, w.body())
		}
		return err
	}},
	{"delete mark", func(w *writing, a, _ int) error {
		note, err := w.pick("marks", "note_id", a)
		if err == nil {
			err = w.exec("DELETE FROM marks WHERE note_id = CAST(? AS bigint)", note)
		}
		return err
	}},
	{"new pair", func(w *writing, a, _ int) error {
		w.saga.labels++
		pair := fmt.Sprintf("%s pair %d", w.s.name, w.saga.labels)
		return w.exec("INSERT INTO entries (label, amount, body) VALUES (?, ?, ?), (?, ?, ?)", pair+" +", a+1, w.body(), pair+" -", -a-1, w.body())
	}},
	{"change own pair", func(w *writing, a, b int) error {
		pair, err := w.pair(a)
		if err != nil {
			return err
		}
		for sign, amount := range map[string]int{" +": b, " -": -b} {
			if err := w.exec("UPDATE entries SET amount = ?, body = ? WHERE label = ?", amount, w.body(), pair+sign); err != nil {
				return err
			}
		}
		return nil
	}},
	{"delete own pair", func(w *writing, a, _ int) error {
		pair, err := w.pair(a)
		if err == nil {
			err = w.exec("DELETE FROM entries WHERE label IN (?, ?)", pair+" +", pair+" -")
		}
		return err
	}},
}

// pair chooses a pair of entries that the site itself made: a conflict would part them.
func (w *writing) pair(n int) (string, error) {
	label, err := w.pick("entries", fmt.Sprintf("CASE WHEN label LIKE '%s pair %% +' THEN label ELSE '' END", w.s.name), n)
	if err == nil && label == "" {
		err = errNothing
	}
	return strings.TrimSuffix(label, " +"), err
}

// write does deeds in one transaction. It returns whether they were accepted, and what they wrote.
func (s *site) write(t require.TestingT, saga *saga, list []deed) {
	ctx := context.Background()
	var w *writing
	err := backend.InTx(ctx, s.db, func(ctx context.Context, tx backend.Tx) error {
		w = &writing{ctx: ctx, t: t, tx: tx, s: s, saga: saga}
		for _, d := range list {
			if err := deeds[d.Kind%len(deeds)].do(w, d.A, d.B); err != nil && !errors.Is(err, errNothing) {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err, "%s writes", s.name)
	saga.accepted[s] = append(saga.accepted[s], w.wrote...)
}
