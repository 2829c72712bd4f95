package plan

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// benchRow has fields that a run decodes from each object.
type benchRow struct {
	SyncedID int64       `json:"id" db:"synced_id"`
	Name     string      `json:"name" db:"name"`
	City     *string     `json:"city" db:"city"`
	Rooms    int64       `json:"rooms" db:"rooms"`
	Price    float64     `json:"price" db:"price"`
	Rating   *float64    `json:"rating" db:"rating"`
	Open     bool        `json:"open" db:"open"`
	At       time.Time   `json:"at" db:"at"`
	Tags     []string    `json:"tags" db:"tags"`
	Data     mapper.Data `db:"synced_data"`
}

func benchObject(b *testing.B) remote.Object {
	o, err := remote.ParseObject(fmt.Appendf(nil, `{"id":7,"name":"Villa","city":"Lisbon","rooms":4,"price":70.5,"rating":null,"open":true,`+
		`"at":"2026-01-02T03:04:05Z","tags":["sea","quiet"],"about":{"en":"%s"}}`, strings.Repeat("sea view ", 150)))
	if err != nil {
		b.Fatal(err)
	}
	return o
}

// BenchmarkRecord maps an object of 1.5 kB to ten columns, as one of many.
func BenchmarkRecord(b *testing.B) {
	p, o := benchPlan(b), benchObject(b)
	b.SetBytes(int64(len(o.Raw())))
	b.ReportAllocs()
	shelf := &Shelf{Rows: 16}
	for b.Loop() {
		if _, err := p.MapOn(shelf, o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFingerprint is what an unchanged record of 1.5 kB costs.
func BenchmarkFingerprint(b *testing.B) {
	p, o := benchPlan(b), benchObject(b)
	b.SetBytes(int64(len(o.Raw())))
	for b.Loop() {
		p.Fingerprint(o)
	}
}

func benchPlan(b *testing.B) *Plan {
	p, err := New(reflect.TypeFor[benchRow](), Options{IDColumn: "synced_id"})
	if err != nil {
		b.Fatal(err)
	}
	return p
}
