package harness

import (
	"testing"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/strategy"
)

// House has rooms, which have beds, and one owner.
type House struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
}

// Room is a room of a house.
type Room struct {
	ID        int64       `db:"id"`
	SyncedID  int64       `json:"id" db:"synced_id"`
	AccountID int64       `db:"account_id"`
	HouseID   int64       `db:"house_id" synced:"parent"`
	Name      string      `json:"name" db:"name"`
	Notes     string      `db:"notes"`
	Data      synced.Data `db:"synced_data"`
}

// Bed is a bed of a room.
type Bed struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	RoomID   *int64 `db:"room_id" synced:"parent"`
	Size     string `json:"size" db:"size"`
}

// Owner is the owner of a house, if it has one.
type Owner struct {
	SyncedID string `json:"id" db:"synced_id"`
	HouseID  int64  `db:"house_id" synced:"parent"`
	Name     string `json:"name" db:"name"`
}

// Estate is houses with what belongs to them. Events notes their changes.
type Estate struct {
	Houses *synced.Model[House]
	Rooms  *synced.Model[Room]
	Events *[]string
}

// NewEstate creates the tables, with foreign keys, and binds the models.
func NewEstate(t testing.TB, b *Bundle, removal synced.Removal) Estate {
	t.Helper()
	if b.Pool == nil {
		b.Execute(t, "CREATE TABLE houses (id integer PRIMARY KEY, synced_id bigint, account_id bigint, name text NOT NULL, synced_hash bigint, UNIQUE (account_id, synced_id))")
		b.Execute(t, "CREATE TABLE rooms (id integer PRIMARY KEY, synced_id bigint, account_id bigint, house_id bigint NOT NULL REFERENCES houses (id), name text NOT NULL, notes text NOT NULL DEFAULT 'none', synced_data text, synced_hash bigint, UNIQUE (account_id, synced_id))")
		b.Execute(t, "CREATE TABLE beds (synced_id bigint UNIQUE, room_id bigint REFERENCES rooms (id), size text NOT NULL, synced_hash bigint)")
		b.Execute(t, "CREATE TABLE owners (synced_id text UNIQUE, house_id bigint NOT NULL REFERENCES houses (id), name text NOT NULL)")
	} else {
		b.Execute(t, "CREATE TABLE houses (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, synced_id bigint, account_id bigint, name text NOT NULL, synced_hash bigint, UNIQUE (account_id, synced_id))")
		b.Execute(t, "CREATE TABLE rooms (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, synced_id bigint, account_id bigint, house_id bigint NOT NULL REFERENCES houses (id), name text NOT NULL, notes text NOT NULL DEFAULT 'none', synced_data json, synced_hash bigint, UNIQUE (account_id, synced_id))")
		b.Execute(t, "CREATE TABLE beds (synced_id bigint UNIQUE, room_id bigint REFERENCES rooms (id), size text NOT NULL, synced_hash bigint)")
		b.Execute(t, "CREATE TABLE owners (synced_id text UNIQUE, house_id bigint NOT NULL REFERENCES houses (id), name text NOT NULL)")
	}
	events := &[]string{}
	beds := Model(t, b, synced.Synced[Bed]{Table: "beds", OnChange: Noting[Bed](events, "bed")})
	rooms := Model(t, b, synced.Synced[Room]{Table: "rooms", Scope: "account_id", OnChange: Noting[Room](events, "room"),
		Associations: []synced.Association{synced.HasMany(beds, "beds", "room_id")}})
	owners := Bind(t, b, synced.Synced[Owner]{Table: "owners", OnChange: Noting[Owner](events, "owner")})
	houses := Model(t, b, synced.Synced[House]{Table: "houses", Scope: "account_id", Strategy: strategy.Full{}, Remove: removal, OnChange: Noting[House](events, "house"),
		Associations: []synced.Association{synced.HasMany(rooms, "rooms", "house_id"), synced.HasOne(owners, "links.owner", "house_id")}})
	return Estate{houses, rooms, events}
}

// RoomOf returns a room as a house's object nests it.
func RoomOf(id int, name string, beds ...Nested) Nested {
	if beds == nil {
		beds = []Nested{}
	}
	return Nested{"id": id, "name": name, "beds": beds}
}

// BedOf returns a bed as a room's object nests it.
func BedOf(id int, size string) Nested { return Nested{"id": id, "size": size} }
