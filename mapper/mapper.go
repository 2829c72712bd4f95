// Package mapper has what a model's mapping is written with: the types of fields
// that keep a whole object or a text in several languages, the method that sets
// computed attributes, and the error about one attribute.
package mapper

import "github.com/syncedgo/synced/remote"

// RemoteMapper is implemented by a model's type, on its pointer, that sets its
// computed attributes itself.
type RemoteMapper interface {
	MapRemote(o remote.Object) error
}
