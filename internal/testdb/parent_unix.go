//go:build unix && !linux

package testdb

import "syscall"

func parent(*syscall.Credential) string { return "/tmp" }
