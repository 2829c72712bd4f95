package synced

import (
	"github.com/syncedgo/synced/internal/declare"
	"github.com/syncedgo/synced/internal/redact"
)

// Redaction says what becomes of members of the remote's objects before anything else
// sees them. [Drop], [Mask] and [Hash] make one; where several are about one value, Drop
// comes before Mask, and Mask before Hash.
//
// A path is a name, or steps with dots as in a json tag: "guest.email". A step into a list
// is one into each of its items, and "*" stands for each item or member:
// "guests.phone", "answers.*.text". The remote id can't be redacted, nor an attribute
// of BelongsTo.
//
// A row that is stored already stays as it is until its record is listed again, as by a
// [strategy.Full] run. Errors quote nothing of an answer that can't be read as JSON, and
// nothing of one with an error status that names what is redacted. It is not for the
// credentials of the API: they are kept out of everything anyway.
type Redaction struct{ declared declare.Redaction }

// Drop takes members out. A field that reads one is an error of [New].
func Drop(paths ...string) Redaction {
	return Redaction{declare.Redaction{How: redact.Drop, Paths: paths}}
}

// Mask replaces texts by "***", and numbers and booleans by null, also within objects and
// lists. A null stays.
func Mask(paths ...string) Redaction {
	return Redaction{declare.Redaction{How: redact.Mask, Paths: paths}}
}

// Hash replaces texts, numbers and booleans by 64 hexadecimal digits, their HMAC-SHA-256
// (RFC 2104), also within objects and lists: equal values stay equal, and can be joined,
// but not read. The key has at least 16 bytes: use 32 random ones from the
// service's secrets. With another key, every record counts as changed. A null stays.
func Hash(key []byte, paths ...string) Redaction {
	return Redaction{declare.Redaction{How: redact.Hash, Paths: paths, Key: key}}
}

func redactions(list []Redaction) []declare.Redaction {
	declared := make([]declare.Redaction, len(list))
	for i, r := range list {
		declared[i] = r.declared
	}
	return declared
}
