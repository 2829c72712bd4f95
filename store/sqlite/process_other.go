//go:build !linux

package sqlite

import (
	"fmt"
	"os"
)

// self names this process.
func self() string { return fmt.Sprintf("pid %d", os.Getpid()) }

// alive is not known here.
func alive(string) (alive, known bool) { return false, false }
