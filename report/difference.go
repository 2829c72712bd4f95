package report

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// Difference is one finding; exactly one field is set, and beside an Additional row its Doubt.
type Difference struct {
	Missing    *Missing    `json:"missing,omitempty"`
	Additional *Additional `json:"additional,omitempty"`
	Changed    *Changed    `json:"changed,omitempty"`
	Invalid    *Invalid    `json:"invalid,omitempty"`
	Older      *Older      `json:"older,omitempty"`
	// Doubt says why an Additional row may exist remotely after all, as Diff.Doubt does.
	Doubt string `json:"doubt,omitempty"`
}

// Missing is a remote object without a local row.
type Missing struct {
	ID     string        `json:"id"`
	Object remote.Object `json:"object"`
}

// Additional is a local row without a remote object.
type Additional struct {
	ID  string `json:"id"`
	Row Row    `json:"row"`
	// Deleted reports whether the remote says itself that it deleted the record.
	Deleted bool `json:"deleted,omitempty"`
	// Verified reports whether the remote was asked for the record, and proved not to
	// have it.
	Verified bool `json:"verified,omitempty"`
}

// Changed is a row whose managed columns are not what the remote object makes
// of them.
type Changed struct {
	ID     string        `json:"id"`
	Fields []Field       `json:"fields"`
	Object remote.Object `json:"object"`
}

// Invalid is a remote object that can't be mapped, and why.
type Invalid struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// Older is a remote object whose row has a newer version.
type Older struct {
	ID string `json:"id"`
}

// Field is one column that differs: the value it has, and the value that a run
// would write.
type Field struct {
	Column string `json:"column"`
	Local  any    `json:"local"`
	Remote any    `json:"remote"`
}

// Row is a row by its columns. Values that come from JSON keep the spelling of
// numbers, lists and objects.
type Row map[string]any

// UnmarshalJSON reads values without loss.
func (r *Row) UnmarshalJSON(text []byte) error {
	var raw map[string]jsontext.Value
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	*r = make(Row, len(raw))
	for column, v := range raw {
		(*r)[column] = plain(v)
	}
	return nil
}

// UnmarshalJSON reads values without loss, as [Row] does.
func (f *Field) UnmarshalJSON(text []byte) error {
	var raw struct {
		Column string         `json:"column"`
		Local  jsontext.Value `json:"local"`
		Remote jsontext.Value `json:"remote"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	*f = Field{Column: raw.Column, Local: plain(raw.Local), Remote: plain(raw.Remote)}
	return nil
}

// plain makes strings, booleans and nulls Go values.
func plain(v jsontext.Value) any {
	switch v.Kind() {
	case '"':
		var s string
		if json.Unmarshal(v, &s) == nil {
			return s
		}
	case 't', 'f':
		return v.Kind() == 't'
	case 'n', jsontext.KindInvalid:
		return nil
	}
	return v
}
