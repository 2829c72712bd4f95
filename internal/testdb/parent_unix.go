//go:build unix && !linux

package testdb

func parent() string { return "/tmp" }
