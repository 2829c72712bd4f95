package main

import (
	"context"
	"strconv"

	"github.com/syncedgo/synced"
)

// House has five rooms, of five beds each: 31 rows a record.
type House struct {
	keys
	Name string `json:"name" db:"name"`
}

// Room is nested in a [House].
type Room struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	HouseID  int64  `db:"house_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
	Price    int64  `json:"price" db:"price"`
	Active   bool   `json:"active" db:"active"`
}

// Bed is nested in a [Room].
type Bed struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	RoomID   int64  `db:"room_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
	Price    int64  `json:"price" db:"price"`
	Active   bool   `json:"active" db:"active"`
}

// Notice has three texts in four languages, in a table of their own: 5 rows a record.
type Notice struct {
	keys
	Name        string              `json:"name" db:"name"`
	Title       synced.Translations `json:"title" db:"title" synced:"translated"`
	Summary     synced.Translations `json:"summary" db:"summary" synced:"translated"`
	Description synced.Translations `json:"texts" db:"description" synced:"translated"`
}

// family makes the models that are nested in one of a shape.
func family(ctx context.Context, db *database, shape string) ([]synced.Association, error) {
	if shape != "nested" {
		return nil, nil
	}
	beds, err := nested(ctx, db, synced.Synced[Bed]{Table: "beds"})
	if err != nil {
		return nil, err
	}
	rooms, err := nested(ctx, db, synced.Synced[Room]{Table: "rooms", Associations: []synced.Association{synced.HasMany(beds, "beds", "room_id")}})
	if err != nil {
		return nil, err
	}
	return []synced.Association{synced.HasMany(rooms, "rooms", "house_id")}, nil
}

func nested[T any](ctx context.Context, db *database, d synced.Synced[T]) (*synced.Model[T], error) {
	if err := d.CreateTable(ctx, db.store); err != nil {
		return nil, err
	}
	return synced.New(ctx, db.store, d)
}

// rooms writes the attributes of [House].
func rooms(b []byte, random prose, i int) []byte {
	b = append(b, `,"rooms":[`...)
	for room := range 5 {
		b = item(b, random, room, i*5+room)
		b = append(b, `,"beds":[`...)
		for bed := range 5 {
			b = append(item(b, random, bed, i*25+room*5+bed), '}')
		}
		b = append(b, "]}"...)
	}
	return append(b, ']')
}

// item begins a nested object.
func item(b []byte, random prose, number, id int) []byte {
	if number > 0 {
		b = append(b, ',')
	}
	b = strconv.AppendInt(append(b, `{"id":`...), int64(id+1), 10)
	b = text(b, "name", words(random, 18))
	b = append(b, `,"price":`...)
	b = strconv.AppendInt(b, int64(random.IntN(1000)), 10)
	return boolean(b, "active", random.IntN(2) == 0)
}

// texts writes the attributes of [Notice].
func texts(b []byte, random prose) []byte {
	for _, attribute := range []struct {
		name   string
		length int
	}{{"title", 20}, {"summary", 40}, {"texts", 80}} {
		b = name(b, attribute.name)
		for n, locale := range []string{"en", "fr", "de", "it"} {
			b = append(b, "{,"[min(n, 1)], '"')
			b = append(append(b, locale...), `":"`...)
			b = append(append(b, words(random, attribute.length)...), '"')
		}
		b = append(b, '}')
	}
	return b
}
