package sqlstore

import (
	"fmt"
	"hash/crc32"
	"strings"
	"unicode/utf8"

	"github.com/syncedgo/synced/internal/backend"
)

// maxName is how many bytes of a name PostgreSQL keeps. Two names that differ only
// after them are one.
const maxName = 63

// Derived returns a name that is made of a table's and a suffix, in the table's schema.
// Where it is too long, the table's is cut, and its checksum tells it from others.
func Derived(t *backend.Table, suffix string) string {
	at := strings.LastIndex(t.Name, ".") + 1
	schema, name := t.Name[:at], t.Name[at:]
	if len(name)+len(suffix) > maxName {
		sum := fmt.Sprintf("_%08x", crc32.ChecksumIEEE([]byte(name)))
		cut := maxName - len(suffix) - len(sum)
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + sum
	}
	return schema + name + suffix
}
