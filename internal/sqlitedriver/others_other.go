//go:build !unix

package sqlitedriver

// other finds nothing: locks belong to a file that was opened, not to the process.
func other(string) (fd int, found bool) { return 0, false }
