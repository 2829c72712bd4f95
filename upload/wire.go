package upload

import (
	"encoding/binary"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// summary is what the server keeps of a table of a database, and tells of it.
type summary struct {
	Count   int64  `json:"count"`
	Version int64  `json:"version"` // up to which it has heard of the client's changes
	Time    string `json:"time,omitempty"`
	Sum     string `json:"sum"`
}

func (s summary) sum() (sum Sum, err error) {
	raw, err := parseSalt(s.Sum) // as many bytes
	return Sum{s.Count, binary.BigEndian.Uint64(raw[:]), binary.BigEndian.Uint64(raw[8:])}, err
}

func (s summary) etag() string {
	return `"` + strconv.FormatInt(s.Count, 36) + "-" + strconv.FormatInt(s.Version, 36) + "-" + s.Sum + `"`
}

// registered answers a client that registers a table.
type registered struct {
	// Salt is the secret of the table's hashes, as hexadecimal digits.
	Salt string `json:"salt"`
}

// question asks what differs. It has ranges, or leaves.
type question struct {
	// Ranges are those whose parts' sums are asked for.
	Ranges []string `json:"ranges,omitempty"`
	// Leaves are small ranges, and the hashes that the client has there.
	Leaves []leaf `json:"leaves,omitempty"`
}

type leaf struct {
	Range  string `json:"range"`
	Hashes []byte `json:"hashes"` // 8 bytes each
}

// answer is that to a question.
type answer struct {
	// Sums are 15 of 8 bytes for each range: those of its parts but the last.
	Sums   []byte   `json:"sums,omitempty"`
	Leaves []differ `json:"leaves,omitempty"`
}

// differ is how a leaf differs.
type differ struct {
	// Missing are the places of hashes that the server does not have.
	Missing []int `json:"missing,omitempty"`
	// Extra are the keys of rows whose hashes the client did not name.
	Extra []jsontext.Value `json:"extra,omitempty"`
	// More reports whether there are more of those.
	More bool `json:"more,omitempty"`
}

// removal names rows to delete.
type removal struct {
	Keys []jsontext.Value `json:"keys"`
}

// problem is the body of an error.
type problem struct {
	Error string `json:"error"`
	// Row is the number of the row that is refused, from 0, where the server knows.
	Row *int `json:"row,omitempty"`
}

// The most of a question and of its answer.
const (
	mostRanges = 512
	mostExtra  = 5000
	leafRows   = 32
)
