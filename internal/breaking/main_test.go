package breaking_test

import (
	"flag"
	"io"
	"log"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/syncedgo/synced/internal/testdb"
)

// TestMain is also the main function of the program that is killed.
func TestMain(m *testing.M) {
	if text := os.Getenv(taskVariable); text != "" {
		os.Exit(program(text))
	}
	if text := os.Getenv(deedVariable); text != "" {
		os.Exit(doAlone(text))
	}
	if err := flag.Set("rapid.checks", "50"); err != nil { // unless the command line says more
		log.Fatal(err)
	}
	goleak.VerifyTestMain(testdb.Tests{M: m})
}

// silent is where servers log the mistakes that are made on purpose.
var silent = log.New(io.Discard, "", 0)
