// Package storetest is the suite that every store passes. A store's test file
// calls [Run] with a function that opens an empty database:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) backend.Store { … })
//	}
//
// What only one store has is tested beside it, on a [Model].
package storetest

import (
	"slices"
	"testing"

	"github.com/syncedgo/synced/internal/backend"
)

// tests are the tests of one topic by name. Each gets its own database,
// with synced's tables in it.
type tests map[string]func(t *testing.T, db backend.Store)

// Run runs the suite, or only the topics that are named. Open returns a store on an
// empty database, which is cleaned up with the test.
func Run(t *testing.T, open func(t *testing.T) backend.Store, only ...string) {
	for topic, list := range map[string]tests{
		"Write":     writeTests,
		"Insert":    insertTests,
		"Columns":   columnTests,
		"Scope":     scopeTests,
		"ID":        idTests,
		"Size":      sizeTests,
		"Race":      raceTests,
		"Version":   versionTests,
		"Same":      sameTests,
		"Look":      lookTests,
		"Conflict":  conflictTests,
		"Value":     valueTests,
		"Guard":     guardTests,
		"Describe":  describeTests,
		"Schema":    schemaTests,
		"Migrate":   migrateTests,
		"Tx":        txTests,
		"Translate": translateTests,
		"Rows":      rowsTests,
		"Lock":      lockTests,
	} {
		if len(only) > 0 && !slices.Contains(only, topic) {
			continue
		}
		t.Run(topic, func(t *testing.T) {
			t.Parallel()
			for name, test := range list {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, open(t))
				})
			}
		})
	}
}
