package budgets_test

import (
	"os"
	"testing"

	"github.com/syncedgo/synced/internal/testdb"
)

// TestMain is also the main function of the processes that make requests.
func TestMain(m *testing.M) {
	if text := os.Getenv(taskVariable); text != "" {
		os.Exit(program(text))
	}
	os.Exit(testdb.Main(m))
}
