//go:build tools

// Package foreign names the foreign MongoDB server that the runner of the test cases is checked against.
package foreign

import _ "github.com/FerretDB/FerretDB/cmd/ferretdb"
