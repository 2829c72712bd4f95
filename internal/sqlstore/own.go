package sqlstore

import (
	"fmt"
	"strings"
	"sync"
)

// Own is where synced's own tables are. Statements name them in braces,
// {synced_runs}, and a [Session] writes where that is. The zero Own is the names
// alone.
type Own struct {
	// Schema is a schema of the database, "" where tables are found by their names.
	Schema string
	// Prefix goes before each name.
	Prefix string
	// texts are those of [backend.Kept] by what they were built of.
	texts *sync.Map
}

// NewOwn returns where synced's own tables are.
func NewOwn(schema, prefix string) Own { return Own{schema, prefix, &sync.Map{}} }

// Table returns a table, or a function, of synced's own as SQL names it.
func (o Own) Table(name string) string {
	if o.Schema == "" {
		return quote(o.Prefix + name)
	}
	return quote(o.Schema) + "." + quote(o.Prefix+name)
}

// shown is the name of a table as people read it.
func (o Own) shown(name string) string {
	if o.Schema == "" {
		return o.Prefix + name
	}
	return o.Schema + "." + o.Prefix + name
}

// mostOfName is how many bytes of a name PostgreSQL keeps, and longest the length of the
// longest name here.
const (
	mostOfName = 63
	longest    = len("synced_waiting_parent")
)

// check returns an error where a database would cut the names.
func (o Own) check() error {
	if len(o.Schema) > mostOfName {
		return fmt.Errorf("the schema %q is longer than %d bytes", o.Schema, mostOfName)
	}
	if most := mostOfName - longest; len(o.Prefix) > most {
		return fmt.Errorf("the prefix %q is longer than %d bytes, so that names would be cut", o.Prefix, most)
	}
	return nil
}

// quote is [store.Quote] of one part of a name, which may have a dot.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Fill writes the names of synced's own tables into a statement, and those of indexes, which
// have no schema of their own: {synced_runs}, {index synced_runs_model}.
func (o Own) Fill(sql string) string {
	var filled strings.Builder
	for done := 0; ; {
		before, after, found := strings.Cut(sql[done:], "{")
		index, isIndex := strings.CutPrefix(after, "index ")
		name := index[:len(index)-len(strings.TrimLeft(index, "abcdefghijklmnopqrstuvwxyz_"))]
		switch {
		case !found && done == 0:
			return sql
		case !found:
			filled.WriteString(sql[done:])
			return filled.String()
		case !strings.HasPrefix(name, "synced_") || len(name) == len("synced_") || !strings.HasPrefix(index[len(name):], "}"):
			filled.WriteString(before + "{")
			done += len(before) + 1
			continue
		case isIndex:
			filled.WriteString(before + quote(o.Prefix+name))
		default:
			filled.WriteString(before + o.Table(name))
		}
		done = len(sql) - len(index) + len(name) + 1
	}
}
