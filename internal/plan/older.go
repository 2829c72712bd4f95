package plan

import (
	"reflect"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

// Older reports whether an object tells an older version of a record than another one does,
// as far as both have one, a time, an integer or a text, in an attribute.
func (p *Plan) Older(o, than remote.Object) bool {
	if f := p.version; f == nil || f.remote == "" || f.spelling.number || (binder{f}).keepsDecimals() {
		return false
	}
	a, here := p.versionOf(o)
	b, there := p.versionOf(than)
	switch {
	case !here || !there:
		return false
	case a.CanInt():
		return a.Int() < b.Int()
	case a.CanUint():
		return a.Uint() < b.Uint()
	case a.Kind() == reflect.String:
		return a.String() < b.String()
	}
	at, isTime := a.Interface().(time.Time)
	return isTime && at.Before(b.Interface().(time.Time))
}

// versionOf reads the version of an object, and reports whether it has one.
func (p *Plan) versionOf(o remote.Object) (reflect.Value, bool) {
	raw, has := p.version.path.In(o)
	if !has || raw.Kind() == 'n' {
		return reflect.Value{}, false
	}
	v := reflect.New(p.version.typ).Elem()
	if err := p.version.decode(jsontext.Value(raw), v, &slab{}); err != nil {
		return v, false
	}
	v = pointed(v.Addr().Interface())
	return v, v.IsValid()
}
