# Makes $reader from the sources in $1: `. build.sh` after `common.sh`. Not a program of its own.

# Go's own build cache makes this quick when nothing has changed.
go_reader() {
    build=$cache_root/secrets-go-$(hash_of "$1/go.mod" "$1/go.sum")
    mkdir -p "$build"
    (cd "$1" && GOWORK=off go build -mod=readonly -o "$build/reader" .)
    reader=$build/reader
}
