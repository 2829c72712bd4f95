// Package mapper has what a model's mapping is written with: types of fields that
// keep a whole object or a text in several languages, the method that sets
// computed attributes, and the error about one attribute.
package mapper

import "github.com/syncedgo/synced/remote"

// RemoteMapper is implemented, on its pointer, by a model's type that sets its
// computed attributes itself.
type RemoteMapper interface {
	// MapRemote sets them from the remote object, once the other attributes and the keys
	// are set. Runs call it concurrently, each time for another row. A record for which
	// it returns an error is invalid.
	MapRemote(o remote.Object) error
}
