package main

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// refusal is how every SDK's error looks to the checks.
type refusal struct {
	status     int
	code, text string
}

func (e *refusal) Error() string { return fmt.Sprintf("%d %s: %s", e.status, e.code, e.text) }

// fault ends the running check.
type fault struct{ text string }

// harness runs checks one after the other; a failed check never stops the ones after it.
type harness struct{ passed, failed int }

func (h *harness) check(name string, fn func()) (passed bool) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
			h.passed++
			passed = true
			fmt.Println("ok  ", name)
		case fault:
			h.fail(name, reason.text)
		default:
			h.fail(name, fmt.Sprint(reason))
		}
	}()
	fn()
	return
}

func (h *harness) fail(name, text string) {
	h.failed++
	fmt.Printf("FAIL %s: %.600s\n", name, strings.Join(strings.Fields(text), " "))
}

func (h *harness) finish() int {
	fmt.Printf("%d passed, %d failed\n", h.passed, h.failed)
	if h.failed == 0 && h.passed > 0 {
		return 0
	}
	return 1
}

func holds(condition bool, format string, arguments ...any) {
	if !condition {
		panic(fault{fmt.Sprintf(format, arguments...)})
	}
}

func equal(seen, expected any, what string) {
	if a, ok := seen.([]byte); ok {
		if b, ok := expected.([]byte); ok {
			holds(bytes.Equal(a, b), "%s is %x, expected %x", what, a, b)
			return
		}
	}
	holds(reflect.DeepEqual(seen, expected), "%s is %#v, expected %#v", what, seen, expected)
}

// done demands success.
func done[T any](got T, err error) T {
	holds(err == nil, "refused: %v", err)
	return got
}

// refused demands a refusal with this status and one of these codes (divided by |).
func refused[T any](status int, codes string) func(T, error) {
	return func(got T, err error) {
		holds(err != nil, "accepted (%.200v), expected %d %s", got, status, codes)
		seen, ok := err.(*refusal)
		holds(ok, "no answer: %v", err)
		holds(seen.status == status && slices.Contains(strings.Split(codes, "|"), seen.code),
			"refused with %v, expected %d %s", seen, status, codes)
		holds(seen.text != "", "the error has no message")
	}
}
