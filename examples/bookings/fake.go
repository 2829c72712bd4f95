package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/syncedgo/synced/remote/remotetest"
)

// tokens are those of the accounts at the fake.
var tokens = map[int64]string{1: "token-of-1", 2: "token-of-2", 3: "token-of-3"}

// bookingSystem is a fake of somebody else's API: real HTTP on the loopback interface.
type bookingSystem struct{ *remotetest.Server }

// newBookingSystem starts one with rentals and bookings in each account.
func newBookingSystem() *bookingSystem {
	s := &bookingSystem{remotetest.New(remotetest.Config{Token: tokens[1]})}
	for account, token := range tokens {
		for n := int64(1); n <= 5; n++ {
			id := 100*account + n
			s.Account(token).Collection("rentals").Put(remotetest.Record{"id": id, "name": fmt.Sprintf("Villa %d", id), "sleeps": 2 * n})
			s.put(account, id, "Guest of the first day")
		}
	}
	return s
}

// put creates or changes a booking.
func (s *bookingSystem) put(account, id int64, guest string) {
	s.Account(tokens[account]).Collection("bookings").Put(remotetest.Record{
		"id": id, "rental_id": 100*account + 1 + id%5, "guest": guest, "arrives_at": "2027-05-01T16:00:00Z",
	})
}

// live changes a booking twice a second, and deletes one now and then, until stop.
func (s *bookingSystem) live() (stop func()) {
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-tick.C:
				account := 1 + rand.Int64N(3)
				id := 100*account + 1 + rand.Int64N(20)
				s.put(account, id, fmt.Sprint("Guest ", n))
				if n%5 == 4 {
					s.Account(tokens[account]).Collection("bookings").Delete(id)
				}
				s.Advance(500 * time.Millisecond)
			}
		}
	})
	return func() { close(done); wait.Wait() }
}
