#!/usr/bin/env bash
# Builds FerretDB into build/ferretdb. Its module on the proxy lacks a file that its releases have: the version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
module=github.com/FerretDB/FerretDB
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp go.mod go.sum ferretdb.go "$work"
cd "$work"
go mod download "$module"
cp -r "$(go list -m -f '{{.Dir}}' "$module")" source
chmod -R u+w source
go list -m -f '{{.Version}}' "$module" >source/build/version/version.txt
go mod edit -replace "$module=./source"
go build -mod=mod -o "$OLDPWD/build/ferretdb" "$module/cmd/ferretdb"
