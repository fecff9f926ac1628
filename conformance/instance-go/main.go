// Runs the official Go SDKs of KMS instances against a started server: conformance READY_FILE
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) == 3 && os.Args[2] == wrongAuthority {
		callUnderWrongAuthority(newWorld(os.Args[1]))
		return
	}
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: conformance READY_FILE")
		os.Exit(2)
	}
	h := &harness{}
	var w *world
	if h.check("an instance is set up through the OpenAPI", func() {
		w = newWorld(os.Args[1])
		w.fill()
	}) {
		instanceChecks(h, w, os.Args[1])
		transferChecks(h, w)
	}
	os.Exit(h.finish())
}
