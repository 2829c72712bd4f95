package remotetest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Format is how a list is written.
type Format int

const (
	// AsJSON is JSON, with what [Style] puts around the records; the files of an
	// [Export] are lists.
	AsJSON Format = iota
	// AsNDJSON is a record on each line. The list is one answer.
	AsNDJSON
	// AsCSV is a line of the records' members, in the order of their names but for the
	// id, and a line for each record: texts as they are, null as nothing, and other values
	// as JSON. The list is one answer.
	AsCSV
)

// label is the media type.
func (f Format) label() string {
	return [...]string{AsJSON: "application/json", AsNDJSON: "application/x-ndjson", AsCSV: "text/csv"}[f]
}

// write writes records.
func (f Format) write(records []*entry, id string) []byte {
	switch f {
	case AsNDJSON:
		var b bytes.Buffer
		for _, e := range records {
			b.Write(bytes.ReplaceAll(e.raw, []byte("\n"), []byte(" ")))
			b.WriteByte('\n')
		}
		return b.Bytes()
	case AsCSV:
		return table(records, id)
	}
	list := make([]jsontext.Value, len(records))
	for i, e := range records {
		list[i] = e.raw
	}
	return encode(list)
}

// table writes records as CSV.
func table(records []*entry, id string) []byte {
	header, rows := []string{id}, []map[string]string{}
	for _, e := range records {
		row := map[string]string{}
		_ = members(e.raw, func(name string, v jsontext.Value) { // as PutRaw checked
			text := string(v)
			switch v.Kind() {
			case '"':
				_ = json.Unmarshal(v, &text)
			case 'n':
				text = ""
			}
			row[name] = text
			if !slices.Contains(header, name) {
				header = append(header, name)
			}
		})
		rows = append(rows, row)
	}
	slices.SortFunc(header[1:], cmp.Compare[string])
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(header) // to memory
	for _, row := range rows {
		line := make([]string, len(header))
		for i, name := range header {
			line[i] = row[name]
		}
		_ = w.Write(line)
	}
	w.Flush()
	return b.Bytes()
}

// packed is a text as a gzip file.
func packed(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text) // to memory
	_ = w.Close()
	return b.Bytes()
}

// pack makes a body a gzip file, where the API sends such.
func (s Style) pack(a *answer) {
	if s.GzipFile {
		a.body = packed(a.body)
		a.header.Set("Content-Type", "application/gzip")
	}
}
