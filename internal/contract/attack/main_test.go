// Package attack_test plays remotes that would make a run lose, blank or wrongly
// remove a row without a word, or let one record block all others.
package attack_test

import (
	"os"
	"testing"

	"github.com/syncedgo/synced/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
