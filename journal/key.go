package journal

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Key returns the key of a row of a model, of values that a [Row] has.
func (j *Journal) Key(model string, row Row) (Key, error) {
	d, err := j.all.named(model)
	if err != nil {
		return "", err
	}
	key, err := d.keyText(j.sql, row)
	if err != nil {
		return "", fmt.Errorf("synced: journal: %s: %w", model, err)
	}
	return key, nil
}

// keyText writes a key as triggers do.
func (d *described) keyText(sql dialect, row Row) (_ Key, err error) {
	parts := make([]string, len(d.key))
	for i, c := range d.key {
		v, ok := row[c.name]
		if !ok {
			return "", fmt.Errorf("the row has no column %q, which is of its key", c.name)
		}
		if parts[i], err = sql.keyText(c, v); err != nil {
			return "", fmt.Errorf("column %q: %w", c.name, err)
		}
	}
	return Key("[" + strings.Join(parts, ",") + "]"), nil
}

// KeyRow returns the columns of a row's key and their values.
func (j *Journal) KeyRow(model string, key Key) (Row, error) {
	d, err := j.all.named(model)
	if err != nil {
		return nil, err
	}
	row, err := d.keyRow(key)
	if err != nil {
		return nil, fmt.Errorf("synced: journal: %s: %w", model, err)
	}
	return row, nil
}

func (d *described) keyRow(key Key) (Row, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(key), &raw); err != nil || len(raw) != len(d.key) {
		return nil, fmt.Errorf("%q is no key of it, which has %d columns", key, len(d.key))
	}
	row := Row{}
	for i, c := range d.key {
		var err error
		if row[c.name], err = c.kind.neutral(jsontext.Value(raw[i])); err != nil {
			return nil, fmt.Errorf("key %s: %w", key, err)
		}
	}
	return row, nil
}

// quotedJSON writes a text as JSON does, and both databases do.
func quotedJSON(s string) string {
	quoted, _ := jsontext.AppendQuote(nil, s) // only of text that is not UTF-8, which it mends
	return string(quoted)
}

// scalar writes values that all databases write alike.
func scalar(v any) (string, error) {
	switch x := v.(type) {
	case nil:
		return "null", nil
	case bool:
		return fmt.Sprint(x), nil
	case json.Number:
		return string(x), nil
	case int:
		return fmt.Sprint(x), nil
	case int64:
		return fmt.Sprint(x), nil
	case string:
		return quotedJSON(x), nil
	case json.RawMessage:
		return string(x), nil
	}
	return "", fmt.Errorf("a %T is no value of a Row", v)
}

func (postgresDialect) keyText(c column, v any) (string, error) {
	s, ok := v.(string)
	switch {
	case ok && c.kind == moment:
		if at, err := time.Parse(timeLayout, s); err == nil {
			s = at.Format("2006-01-02T15:04:05.999999")
			if c.base == "timestamp with time zone" {
				s += "+00:00"
			}
			return quotedJSON(s), nil
		}
	case ok && c.kind == binary:
		b, err := base64.StdEncoding.DecodeString(s)
		return quotedJSON(`\x` + hex.EncodeToString(b)), err
	}
	return scalar(v)
}

func (sqliteDialect) keyText(c column, v any) (string, error) {
	switch x := v.(type) {
	case bool:
		return map[bool]string{true: "1", false: "0"}[x], nil
	case string:
		if c.kind == binary {
			b, err := base64.StdEncoding.DecodeString(x)
			return `{"` + blobMember + `":"` + strings.ToUpper(hex.EncodeToString(b)) + `"}`, err
		}
	}
	return scalar(v)
}
