package peer

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
)

// keyTexts are the values of a row's key, as texts.
func (p *core) keyTexts(m *model, key journal.Key) ([]string, error) {
	row, err := p.journal.KeyRow(m.Table, key)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(m.key))
	for i, column := range m.key {
		list[i] = keyText(row[column])
	}
	return list, nil
}

// journalKey is the key of a row as the journal has it, of its values as texts.
func (p *core) journalKey(m *model, key []string) (journal.Key, error) {
	return p.journal.Key(m.Table, m.keyRow(key))
}

// keyRow are the columns of a key, of its values as texts.
func (m *model) keyRow(key []string) journal.Row {
	row := journal.Row{}
	for i, column := range m.key {
		row[column] = m.keyValue(i, key[i])
	}
	return row
}

// keyValue is a text of a key as the neutral value of its column.
func (m *model) keyValue(i int, text string) any {
	c, _ := m.table.Column(m.key[i])
	if hasType(c, "int", "serial", "numeric", "decimal") {
		return json.Number(text)
	}
	return text
}

// keyText is a neutral value as the text of a key.
func keyText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(v)
}

// hasType reports whether the name of a column's type has one of some parts.
func hasType(c backend.DescribedColumn, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(c.Base, part) {
			return true
		}
	}
	return false
}
