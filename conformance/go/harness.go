package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
)

// params are request parameters, and answer is an answer, with names as they stand on the wire.
type (
	params = map[string]any
	answer = map[string]any
)

// kmsError is a refusal as the SDK exposes it.
type kmsError struct {
	status             int
	code, text, detail string
}

func (e *kmsError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.status, e.code, e.text)
}

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
	text = strings.Join(strings.Fields(text), " ")
	fmt.Printf("FAIL %s: %.600s\n", name, text)
}

func (h *harness) finish() int {
	fmt.Printf("%d passed, %d failed\n", h.passed, h.failed)
	if h.failed == 0 && h.passed > 0 {
		return 0
	}
	return 1
}

// serverFacts is what the ready file says about the server, and its root AccessKey.
type serverFacts struct {
	Region    string `json:"region"`
	Account   string `json:"account_id"`
	Endpoints struct {
		Shared struct {
			HTTP  string `json:"http"`
			HTTPS string `json:"https"`
		} `json:"shared"`
	} `json:"endpoints"`
	CAFile        string  `json:"ca_file"`
	AccessKeyFile *string `json:"access_key_file"`

	ca, keyID, keySecret string
	catalogue            *catalogue
}

func readReady(path string) (*serverFacts, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	facts := &serverFacts{}
	if err := json.Unmarshal(text, facts); err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(facts.CAFile)
	if err != nil {
		return nil, err
	}
	facts.ca = string(ca)
	facts.keyID, facts.keySecret = os.Getenv("KEYSTEAD_ROOT_ACCESS_KEY_ID"), os.Getenv("KEYSTEAD_ROOT_ACCESS_KEY_SECRET")
	if facts.keyID != "" {
		return facts, nil
	}
	file := os.Getenv("ALIBABA_CLOUD_CREDENTIALS_FILE")
	if facts.AccessKeyFile != nil {
		file = *facts.AccessKeyFile
	}
	ini, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for name, target := range map[string]*string{"access_key_id": &facts.keyID, "access_key_secret": &facts.keySecret} {
		found := regexp.MustCompile(`(?m)^` + name + `\s*=\s*(\S+)`).FindSubmatch(ini)
		if found == nil {
			return nil, fmt.Errorf("%s has no %s", file, name)
		}
		*target = string(found[1])
	}
	return facts, nil
}

func holds(condition bool, format string, arguments ...any) {
	if !condition {
		panic(fault{fmt.Sprintf(format, arguments...)})
	}
}

func equal(seen, expected any, what string) {
	if number, ok := expected.(int); ok {
		expected = float64(number) // as encoding/json gives numbers
	}
	if number, ok := seen.(int); ok {
		seen = float64(number)
	}
	holds(reflect.DeepEqual(seen, expected), "%s is %#v, expected %#v", what, seen, expected)
}

func matches(pattern *regexp.Regexp, text any, what string) {
	value, ok := text.(string)
	holds(ok && pattern.MatchString(value), "%s is %#v, expected the form %s", what, text, pattern)
}

// empty says that the answer has none of these fields, or has them empty.
func empty(from answer, names ...string) {
	for _, name := range names {
		holds(from[name] == nil || from[name] == "", "%s is %#v, expected none", name, from[name])
	}
}

// refused says that the call was refused with exactly this status and code.
func refused(status int, code string, got answer, err error) *kmsError {
	holds(err != nil, "accepted (%.200v), expected %d %s", got, status, code)
	refusal, ok := err.(*kmsError)
	holds(ok, "no answer: %v", err)
	holds(refusal.status == status && refusal.code == code, "refused with %v, expected %d %s", refusal, status, code)
	holds(refusal.text != "", "the error has no message")
	return refusal
}
