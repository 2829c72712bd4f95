package twoway_test

import (
	"flag"
	"os"
	"testing"

	"github.com/syncedgo/synced/internal/testdb"
)

// TestMain is also the main function of the programs that are killed.
func TestMain(m *testing.M) {
	if text := os.Getenv(taskVariable); text != "" {
		os.Exit(program(text))
	}
	// What the command line says counts. A failure is printed, with its seed.
	for name, value := range map[string]string{"rapid.checks": "40", "rapid.nofailfile": "true", "rapid.shrinktime": "10s"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(testdb.Main(m))
}
