package main

import (
	"context"
	"log"
	"os"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// rentals:      2 created, 0 updated, 0 unchanged, 0 removed, 0 restored
	// photos:       2 created, 0 updated, 0 unchanged, 0 removed, 0 restored
	// translations: 4 created, 0 updated, 0 unchanged, 0 removed, 0 restored
	//   name        headline       photos
	//   Villa Rosa  Face à la mer  2
	//   Casa Verde  In the hills   0
	// rentals:      0 created, 0 updated, 2 unchanged, 0 removed, 0 restored
	// photos:       0 created, 0 updated, 1 unchanged, 1 removed, 0 restored
	// translations: 0 created, 1 updated, 0 unchanged, 0 removed, 0 restored
	//   name        headline      photos
	//   Villa Rosa  By the sea    1
	//   Casa Verde  In the hills  0
}
