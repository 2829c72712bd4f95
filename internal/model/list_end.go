package model

import (
	"errors"
	"strconv"
	"strings"

	"github.com/syncedgo/synced/internal/attribute"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// ListEnd is an attribute of a parent that tells whether a nested list is whole.
type ListEnd struct {
	Attribute attribute.Path
	// Total reports whether it holds how many objects there are. Otherwise it says
	// that there are more: true, a link, or the position of the next page.
	Total bool
	// Omitted reports whether it is left out where there are no more.
	Omitted bool
}

// Whole reports whether a list that holds some objects is whole, as far as the
// attribute tells.
func (e *ListEnd) Whole(parent remote.Object, holds int) (bool, error) {
	says := proof.Nested{Holds: holds, Omitted: e.Omitted}
	v, ok := e.Attribute.In(parent)
	switch {
	case !ok:
	case !e.Total:
		says.Told, says.More = true, e.more(v)
	case v.Kind() == 'n':
		says.Told, says.More = true, true
	default:
		total, err := strconv.ParseFloat(strings.Trim(string(v), `"`), 64)
		if err != nil {
			return false, &mapper.FieldError{Attribute: e.Attribute.String(), Err: errors.New("want a number of objects: name the attribute that holds it in the ListTotal")}
		}
		says.Told, says.Total = true, total
	}
	return says.Whole(), nil
}

// more reports whether a value tells of more objects.
func (e *ListEnd) more(v remote.Value) bool {
	switch strings.Trim(string(v), `"`) {
	case "null", "false", "0", "":
		return false
	}
	return true
}
