// Package tools is the module of what checks this repository: staticcheck, gci
// for the order of imports, and the test that keeps them, the examples and the
// benchmark out of the modules that users get.
package tools
