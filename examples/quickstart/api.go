package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/syncedgo/synced/remote/remotetest"
)

// account is a customer of the service: the scope of his rentals, and the token
// with which the booking system shows them.
type account struct {
	id    int64
	token string
}

var accounts = []account{{17, "token-of-account-17"}, {42, "token-of-account-42"}}

// tokenOf finds the token of an account by its id.
func tokenOf(id any) (token string, ok bool) {
	for _, a := range accounts {
		if a.id == id {
			return a.token, true
		}
	}
	return "", false
}

// bookingSystem is a fake of somebody else's API: real HTTP on the loopback
// interface, made-up rentals, and a clock that moves when it is told to.
type bookingSystem struct{ *remotetest.Server }

// startBookingSystem starts it with a number of rentals in each account.
func startBookingSystem(records int) *bookingSystem {
	s := &bookingSystem{remotetest.New(remotetest.Config{Token: accounts[0].token})}
	for _, a := range accounts {
		s.rentals(a).Generate(records, func(i int, r *rand.Rand) remotetest.Record {
			return newRental(a, i, r)
		})
	}
	s.Advance(24 * time.Hour)
	return s
}

func (s *bookingSystem) rentals(a account) *remotetest.Collection {
	return s.Account(a.token).Collection("rentals")
}

// count is how many rentals there are.
func (s *bookingSystem) count() int {
	n := 0
	for _, a := range accounts {
		n += s.rentals(a).Len()
	}
	return n
}

// changes are the ids of the rentals of one account that changed.
type changes struct{ updated, created, deleted []int64 }

// change lets an hour pass in which rentals change: about 2 % are updated, 1 % are
// deleted, and as many are new.
func (s *bookingSystem) change() []changes {
	s.Advance(time.Hour)
	all := make([]changes, len(accounts))
	for i, a := range accounts {
		rentals, r := s.rentals(a), rand.New(rand.NewPCG(1, uint64(a.id)))
		c, n := &all[i], rentals.Len()
		first := firstID(a)
		for i := range min(n, 1+n/50) {
			id := first + int64(i)
			rentals.Update(id, remotetest.Record{"price": price(r), "surface": 20 + r.IntN(180)})
			c.updated = append(c.updated, id)
		}
		for i := range min(n-len(c.updated), 1+n/100) {
			c.deleted = append(c.deleted, first+int64(n-1-i))
		}
		var gone []any
		for _, id := range c.deleted {
			gone = append(gone, id)
		}
		rentals.Delete(gone...)
		for i := range 1 + n/100 {
			rentals.Put(newRental(a, n+i, r))
			c.created = append(c.created, first+int64(n+i))
		}
	}
	s.Advance(time.Hour)
	return all
}

// firstID is the remote id of an account's first rental.
func firstID(a account) int64 { return a.id*1_000_000 + 1 }

var (
	kinds  = []string{"Villa", "Chalet", "Studio", "Cabin", "Loft", "Finca", "Maison", "Haus"}
	places = []string{"Alba", "Belle", "Chêne", "d'Or", "Höhe", "Iris", "Miel", "Nº 5", "Peña", "Sol"}
)

// newRental makes up the i-th rental of an account.
func newRental(a account, i int, r *rand.Rand) remotetest.Record {
	rental := remotetest.Record{
		"id":             firstID(a) + int64(i),
		"name":           fmt.Sprintf("%s %s", kinds[r.IntN(len(kinds))], places[r.IntN(len(places))]),
		"surface":        20 + r.IntN(180),
		"price":          price(r),
		"bedrooms_count": 1 + r.IntN(6),
		"currency":       "EUR",
		"city":           "Annecy",
		"description":    "A quiet place with a view, ten minutes from the station; the key is at the bakery.",
	}
	if r.IntN(5) == 0 {
		rental["surface"] = nil // not measured
	}
	return rental
}

// price is a decimal the way that careful APIs send it: as text, with its zeros.
func price(r *rand.Rand) string {
	return fmt.Sprintf("%d.%02d", 40+r.IntN(400), 10*r.IntN(10))
}
