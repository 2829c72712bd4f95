package declare_test

import (
	"database/sql"
	"encoding/json"
	"io"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
)

// with is a model with one more field, of type V, tagged as an attribute.
type with[V any] struct {
	withID
	Value V `json:"value" db:"value"`
}

type unexported struct{ _ int }

type inside struct {
	Taken unexported `json:"taken"`
}

// fields are the mistakes in the type.
func fields() []mistake {
	computes := func(remote.Object, *mapsItself) error { return nil }
	return append(tags(), []mistake{
		wrong("not a struct", synced.Synced[int64]{}, "synced: rentals: int64 is not a struct: declare the model with a struct type"),
		wrong("a pointer", synced.Synced[*harness.Rental]{}, "synced: rentals: *harness.Rental is not a struct: declare the model with harness.Rental itself"),
		wrong("no id field", synced.Synced[struct {
			Name string `json:"name" db:"name"`
		}]{}, "synced: rentals: no field for the remote id: add SyncedID int64 `json:\"id\" db:\"synced_id\"`"),
		wrong("id field without a json tag", synced.Synced[struct {
			SyncedID int64 `db:"synced_id"`
		}]{}, "synced: rentals: field SyncedID: column \"synced_id\" keeps the remote id, but no json tag says which attribute that is: add `json:\"id\"`, or set ID or IDOf"),
		wrong("id field of a wrong type", synced.Synced[struct {
			SyncedID float64 `json:"id" db:"synced_id"`
		}]{}, "synced: rentals: field SyncedID: a float64 can't be a remote id: use an integer, a string or a uuid.UUID"),
		wrong("id field that may be null", synced.Synced[struct {
			SyncedID *int64 `json:"id" db:"synced_id"`
		}]{}, "synced: rentals: field SyncedID: a *int64 can't be a remote id: use an integer, a string or a uuid.UUID"),
		wrong("id field of bytes", synced.Synced[struct {
			SyncedID [16]byte `json:"id" db:"synced_id"`
		}]{}, "synced: rentals: field SyncedID: a [16]uint8 can't be a remote id: use an integer, a string or a uuid.UUID"),
		wrong("computed without Map", synced.Synced[struct {
			withID
			Slug string `db:"slug" synced:"computed"`
		}]{}, "synced: rentals: field Slug is computed, but nothing computes it: set Map, or give the model's type a method MapRemote(remote.Object) error"),
		wrong("both Map and MapRemote", synced.Synced[mapsItself]{Map: computes},
			"synced: rentals: both Map and the method MapRemote of declare_test.mapsItself set computed attributes: keep one"),
		wrong("delegated without Data", synced.Synced[struct {
			withID
			Bedrooms int `json:"bedrooms_count"`
		}]{}, "synced: rentals: field Bedrooms: \"bedrooms_count\" has no column, so it is read from the stored object, and there is none: add SyncedData synced.Data `db:\"synced_data\"`, or give the field a db tag"),
		wrong("two Data fields", synced.Synced[struct {
			withID
			Object synced.Data `db:"object"`
			Copy   synced.Data `db:"copy"`
		}]{}, "synced: rentals: fields Object and Copy both keep the whole object: keep one"),
		wrong("scope of a type that keeps none", synced.Synced[struct {
			withID
			AccountID float64 `db:"account_id"`
		}]{Scope: "account_id"}, "synced: rentals: field AccountID: a float64 can't keep a scope: use an integer, a string or a uuid.UUID"),

		wrong("channel", synced.Synced[with[chan int]]{}, "synced: rentals: field Value: a chan int can't be read from JSON nor kept in a column: drop the tags, or use a number, string, bool, time.Time, slice, map, struct or json.RawMessage"),
		wrong("function", synced.Synced[with[func()]]{}, "synced: rentals: field Value: a func() can't be read from JSON nor kept in a column: drop the tags, or use a number, string, bool, time.Time, slice, map, struct or json.RawMessage"),
		wrong("interface", synced.Synced[with[any]]{}, "synced: rentals: field Value: an interface can't be kept in a column: use json.RawMessage for any JSON value, or a type of your own"),
		wrong("duration", synced.Synced[with[time.Duration]]{}, "synced: rentals: field Value: a time.Duration has no JSON form: say what its number counts with a tag such as `time:\"seconds\"`"),
		wrong("pointer to a pointer", synced.Synced[with[**int]]{}, "synced: rentals: field Value: a **int is a pointer to a pointer: make it *int"),
		wrong("pointer to what may be null", synced.Synced[with[*sql.NullString]]{}, "synced: rentals: field Value: a *sql.NullString is null in two ways: make it sql.NullString"),
		wrong("struct without exported fields", synced.Synced[with[unexported]]{}, "synced: rentals: field Value: a declare_test.unexported can't be read from JSON, as it has no exported fields: export them, or give it the method UnmarshalJSON"),
		wrong("channels in a map", synced.Synced[with[map[string]chan int]]{}, "synced: rentals: field Value: its element, a chan int, can't be read from JSON: make it a type that can, tag it `json:\"-\"`, or use json.RawMessage for the whole"),
		wrong("struct in a list", synced.Synced[with[[]inside]]{}, "synced: rentals: field Value: its element.Taken, a declare_test.unexported, can't be read from JSON: make it a type that can, tag it `json:\"-\"`, or use json.RawMessage for the whole"),
		wrong("null struct in a struct", synced.Synced[with[struct{ At sql.NullTime }]]{}, "synced: rentals: field Value: its At, a sql.NullTime, can't be read from JSON: make it a type that can, tag it `json:\"-\"`, or use json.RawMessage for the whole"),
	}...)
}

// tags are the mistakes in tags.
func tags() []mistake {
	return []mistake{
		wrong("two fields, one column", synced.Synced[struct {
			withID
			Name  string `json:"name" db:"name"`
			Title string `json:"title" db:"name"`
		}]{}, `synced: rentals: fields Name and Title both have column "name": give each its own`),
		wrong("two fields, one attribute", synced.Synced[struct {
			withID
			Number int64 `json:"id" db:"number"`
		}]{}, `synced: rentals: fields withID.SyncedID and Number both read attribute "id": keep one, and set the other in Map`),
		wrong("embedded twice", synced.Synced[struct {
			withID
			SyncedID int64 `json:"id" db:"synced_id"`
		}]{}, `synced: rentals: fields withID.SyncedID and SyncedID both have column "synced_id": give each its own`),
		wrong("embedded pointer", synced.Synced[struct{ *withID }]{},
			"synced: rentals: field withID: an embedded *declare_test.withID is not supported: embed a struct itself, or list the fields"),
		wrong("json tag without a name", synced.Synced[struct {
			withID
			Name string `json:",omitempty" db:"name"`
		}]{}, `synced: rentals: field Name: the json tag ",omitempty" names no attribute: write its name`),
		wrong("json tag with an option", synced.Synced[struct {
			withID
			Size int `json:"size,string" db:"size"`
		}]{}, `synced: rentals: field Size: the json tag "size,string" has option "string", which is not supported: drop it, and convert in Map`),
		wrong("db tag without a name", synced.Synced[struct {
			withID
			Name string `json:"name" db:""`
		}]{}, `synced: rentals: field Name: the db tag "" names no column: write its name, or drop the tag`),
		wrong("db tag with options", synced.Synced[struct {
			withID
			Name string `json:"name" db:"name,omitempty"`
		}]{}, `synced: rentals: field Name: the db tag "name,omitempty" has options, and there are none: write the column's name alone`),
		wrong("column of two parts", synced.Synced[struct {
			withID
			Name string `json:"name" db:"rentals.name"`
		}]{}, `synced: rentals: field Name: column "rentals.name" has a dot in its name: rename it`),
		wrong("unknown synced tag", synced.Synced[struct {
			withID
			Name string `json:"name" db:"name" synced:"delegated"`
		}]{}, "synced: rentals: field Name: unknown tag `synced:\"delegated\"`: there are `synced:\"computed\"`, `synced:\"number\"`, `synced:\"parent\"` and `synced:\"translated\"`"),
		wrong("number that reads nothing", synced.Synced[struct {
			withID
			Size int `db:"size" synced:"number"`
		}]{}, "synced: rentals: field Size: it is `synced:\"number\"` but reads no attribute: add a json tag, or drop the synced tag"),
		wrong("number of a type that holds none", synced.Synced[struct {
			withID
			Size []int `json:"size" db:"size" synced:"number"`
		}]{}, "synced: rentals: field Size: it is `synced:\"number\"`, and a []int holds none: use a number, a string or a decimal type"),
		wrong("layout of no time", synced.Synced[struct {
			withID
			At time.Time `json:"at" db:"at" time:"YYYY-MM-DD"`
		}]{}, `synced: rentals: field At: the time tag "YYYY-MM-DD" is no layout of a time: write how 2006-01-02 15:04:05 would be spelled, "unix" or "unixms"`),
		wrong("unknown zone", synced.Synced[struct {
			withID
			At time.Time `json:"at" db:"at" zone:"Europe/Berln"`
		}]{}, `synced: rentals: field At: the zone "Europe/Berln" is not known: write a name such as "Europe/Berlin", and import _ "time/tzdata" where the machine has no list of zones`),
		wrong("layout of a text", synced.Synced[struct {
			withID
			At string `json:"at" db:"at" time:"unix"`
		}]{}, `synced: rentals: field At: it has a time or zone tag, and a string is no time: drop the tags, or use time.Time`),
		wrong("unit of no duration", synced.Synced[struct {
			withID
			Wait time.Duration `json:"wait" db:"wait" time:"days"`
		}]{}, `synced: rentals: field Wait: the time tag "days" of a time.Duration is no unit: write "seconds", "milliseconds", "minutes", "hours" and so on, or "duration" for texts such as 1h30m`),
		wrong("computed without a column", synced.Synced[struct {
			withID
			Slug string `synced:"computed"`
		}]{}, "synced: rentals: field Slug: it is computed but has no column: add a db tag"),
		wrong("computed and an attribute", synced.Synced[struct {
			withID
			Slug string `json:"slug" db:"slug" synced:"computed"`
		}]{}, `synced: rentals: field Slug: it is computed and reads attribute "slug" as well: drop one of the tags`),
		wrong("Data with a json tag", synced.Synced[struct {
			withID
			Links synced.Data `json:"links" db:"links"`
		}]{}, `synced: rentals: field Links: synced.Data is the whole object, not attribute "links": drop the json tag, or use json.RawMessage`),
		wrong("Data without a column", synced.Synced[struct {
			withID
			SyncedData synced.Data
		}]{}, "synced: rentals: field SyncedData: synced.Data has no column: add `db:\"synced_data\"`"),
		wrong("Data that may be null", synced.Synced[struct {
			withID
			SyncedData *synced.Data `db:"synced_data"`
		}]{}, "synced: rentals: field SyncedData: a *synced.Data is null in two ways: make it synced.Data"),
		wrong("unexported field", synced.Synced[struct {
			withID
			name string `db:"name"`
		}]{}, "synced: rentals: field name: it has tags but is not exported, so it can't be set: write it with a capital"),
		wrong("reserved column", synced.Synced[struct {
			withID
			Hash json.RawMessage `json:"hash" db:"synced_hash"`
		}]{}, `synced: rentals: field Hash: column "synced_hash" is reserved for the fingerprint: remove the field`),
		wrong("embedded interface", synced.Synced[struct {
			withID
			io.Reader
		}]{}, "synced: rentals: field Reader: an embedded io.Reader is not supported: embed a struct itself, or list the fields"),
		wrong("unknown rule", synced.Synced[struct {
			withID
			Name string `json:"name" db:"name" validate:"requierd"`
		}]{}, "synced: rentals: a validate tag of the model can't be used: Undefined validation function 'requierd' on field 'Name': see the rules of go-playground/validator"),
		wrong("rule for another type", synced.Synced[struct {
			withID
			Open bool `json:"open" db:"open" validate:"omitempty,gt=5"`
		}]{}, "synced: rentals: a validate tag of the model can't be used: Bad field type bool: see the rules of go-playground/validator"),
		wrong("rule with a broken value", synced.Synced[struct {
			withID
			Size *int `json:"size" db:"size" validate:"omitempty,max=many"`
		}]{}, `synced: rentals: a validate tag of the model can't be used: strconv.ParseInt: parsing "many": invalid syntax: see the rules of go-playground/validator`),
	}
}
