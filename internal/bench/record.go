package main

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/syncedgo/synced"
)

// keys are what every model of this program has.
type keys struct {
	ID         int64       `db:"id"`
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	SyncedData synced.Data `db:"synced_data"`
}

func (k *keys) key() *keys { return k }

// model is any of them.
type model interface{ key() *keys }

// Rental has the attributes of many a model. Its description is read from the
// stored object.
type Rental struct {
	keys
	Name         string    `json:"name" db:"name"`
	Headline     *string   `json:"headline" db:"headline"`
	Surface      *int64    `json:"surface" db:"surface"`
	Bedrooms     int64     `json:"bedrooms_count" db:"bedrooms"`
	Sleeps       int64     `json:"sleeps" db:"sleeps"`
	Price        string    `json:"price" db:"price"`
	WeekendPrice string    `json:"weekend_price" db:"weekend_price"`
	Currency     string    `json:"currency" db:"currency"`
	Lat          float64   `json:"lat" db:"lat"`
	Lng          float64   `json:"lng" db:"lng"`
	Published    bool      `json:"published" db:"published"`
	Bookable     bool      `json:"instantly_bookable" db:"instantly_bookable"`
	CreatedAt    time.Time `json:"created_at" db:"created_at"`
	UpdatedAt    time.Time `json:"updated_at" db:"updated_at"`
	Address      Address   `json:"address" db:"address"`
	Description  string    `json:"description"`
}

// Address is a nested object.
type Address struct {
	Street  string `json:"street"`
	City    string `json:"city"`
	Zip     string `json:"zip"`
	Country string `json:"country"`
}

// Small is a record of about 100 bytes.
type Small struct {
	keys
	Name   string `json:"name" db:"name"`
	Price  int64  `json:"price" db:"price"`
	Active bool   `json:"active" db:"active"`
}

// renderer writes one record. Each version of a record is always the same.
type renderer struct {
	shape   string
	bytes   int
	accents bool
}

// prose is what chance writes.
type prose struct {
	*rand.Rand
	accents bool
}

// render appends record i, whose id is one more, as it is in a version. Versions
// after 0 differ in what is written last, and in few columns.
func (r renderer) render(b []byte, i, version int) []byte {
	from := len(b)
	random := prose{rand.New(rand.NewPCG(uint64(i), 2026)), r.accents}
	b = append(b, `{"id":`...)
	b = strconv.AppendInt(b, int64(i+1), 10)
	b = text(b, "name", words(random, 18)+" v"+strconv.Itoa(version))
	switch r.shape {
	case "small":
		b = number(b, "price", random.IntN(1000)+version)
		b = boolean(b, "active", random.IntN(2) == 0)
	case "wide":
		b = columns(b, random, wideColumns)
	case "numeric":
		b = columns(b, random, numericColumns)
	case "members":
		b = members(b, random)
	case "nested":
		return append(rooms(b, random, i), '}')
	case "translated":
		return append(texts(b, random), '}')
	default:
		b = rental(b, random, version)
	}
	if missing := r.bytes - (len(b) - from) - len(`,"description":""}`); missing > 0 {
		b = text(b, "description", words(random, missing))
	}
	return append(b, '}')
}

func rental(b []byte, random prose, version int) []byte {
	if random.IntN(4) == 0 {
		b = append(b, `,"headline":null`...)
	} else {
		b = text(b, "headline", words(random, 40))
	}
	b = number(b, "surface", random.IntN(300))
	b = number(b, "bedrooms_count", random.IntN(8))
	b = number(b, "sleeps", random.IntN(16))
	price := random.IntN(100_000)
	b = text(b, "price", strconv.Itoa(price+version)+".50")
	b = text(b, "weekend_price", strconv.Itoa(price+20)+".00")
	b = text(b, "currency", []string{"EUR", "USD", "CHF"}[random.IntN(3)])
	b = float(b, "lat", random.Float64()*180-90)
	b = float(b, "lng", random.Float64()*360-180)
	b = boolean(b, "published", random.IntN(10) > 0)
	b = boolean(b, "instantly_bookable", random.IntN(2) == 0)
	created := epoch.Add(time.Duration(random.IntN(1e8)) * time.Second)
	b = text(b, "created_at", created.Format(time.RFC3339))
	b = text(b, "updated_at", created.Add(time.Duration(version)*time.Hour).Format(time.RFC3339))
	b = append(b, `,"address":{"street":"`...)
	b = append(b, words(random, 20)...)
	b = append(b, `","city":"`...)
	b = append(b, words(random, 10)...)
	b = append(b, `","zip":"`...)
	b = strconv.AppendInt(b, int64(10_000+random.IntN(90_000)), 10)
	b = append(b, `","country":"FR"}`...)
	return b
}

// epoch is when the oldest record was made.
var epoch = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)

func name(b []byte, name string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func text(b []byte, key, value string) []byte {
	b = append(name(b, key), '"')
	return append(append(b, value...), '"')
}

func number(b []byte, key string, value int) []byte {
	return strconv.AppendInt(name(b, key), int64(value), 10)
}

func float(b []byte, key string, value float64) []byte {
	return strconv.AppendFloat(name(b, key), value, 'f', 6, 64)
}

func boolean(b []byte, key string, value bool) []byte {
	return strconv.AppendBool(name(b, key), value)
}

// words is text of a length that compresses about as badly as prose.
func words(random prose, length int) string {
	const letters = "eeeeeeaaaaiiioootttnnnsssrrrhhlldcumfpgwybvkxjqz"
	b := make([]byte, length)
	for i := range b {
		if i%7 == 6 && random.IntN(2) == 0 {
			b[i] = ' '
		} else {
			b[i] = letters[random.IntN(len(letters))]
		}
	}
	if random.accents {
		b = accented(b, random)
	}
	return string(b)
}

// accented gives 3 % of the letters accents, and escapes one of 300, in as many bytes.
func accented(b []byte, random prose) []byte {
	for i := 0; i+6 <= len(b); i++ {
		switch chance := random.IntN(300); {
		case chance < 9:
			i += copy(b[i:], "é") - 1
		case chance == 9:
			i += copy(b[i:], `\u00fc`) - 1
		}
	}
	return b
}
