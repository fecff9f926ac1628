package main

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strings"

	kms "github.com/alibabacloud-go/kms-20160120/v3/client"
)

var (
	// A row of the page that lists all operations. Other products than KMS have their pages in folders.
	operationRow = regexp.MustCompile(`(?m)^\| \[(\w+)\]\(\w+\.md\)`)
	// Operations on instances, applications and the account, which the walk leaves out, and what looks like one of them.
	otherOperation = regexp.MustCompile(`Kms|ApplicationAccessPoint|ClientKey|NetworkRule|Polic(y|ies)$`)
	ownPolicy      = regexp.MustCompile(`(Key|Secret|Rotation)Policy$`)
)

// catalogue is every operation of the API, and what was seen of each.
type catalogue struct {
	seen map[string]*outcomes
	// lacks are parameters that the SDK's own request types do not have.
	lacks map[string]bool
}

// outcomes counts how often an operation answered, and how often it refused.
type outcomes struct{ answered, refused int }

func readCatalogue(path string) (*catalogue, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := &catalogue{seen: map[string]*outcomes{}, lacks: map[string]bool{}}
	for _, row := range operationRow.FindAllStringSubmatch(string(text), -1) {
		c.seen[row[1]] = &outcomes{}
	}
	if len(c.seen) == 0 {
		return nil, fmt.Errorf("%s lists no operation", path)
	}
	return c, nil
}

func (c *catalogue) count(action string, err error) {
	if seen := c.seen[action]; seen != nil && err == nil {
		seen.answered++
	} else if _, refusal := err.(*kmsError); seen != nil && refusal {
		seen.refused++
	}
}

// typedMethod is the SDK's own method of an operation; it is invalid when there is none.
func typedMethod(sdk *kms.Client, action string) reflect.Value {
	return reflect.ValueOf(sdk).MethodByName(action + "WithOptions")
}

// note prints what the SDK has and lacks; none of it is a fault of the server.
func (c *catalogue) note(sdk *kms.Client) {
	missing, beyond, parameters := []string{}, c.beyond(sdk), []string{}
	for name := range c.seen {
		if !typedMethod(sdk, name).IsValid() {
			missing = append(missing, name)
		}
	}
	for name := range c.lacks {
		parameters = append(parameters, name)
	}
	for _, names := range [][]string{missing, parameters} {
		sort.Strings(names)
	}
	fmt.Printf("note the SDK lacks %d of %d operations; where they are built, its general call reached them: %s\n",
		len(missing), len(c.seen), strings.Join(missing, " "))
	fmt.Printf("note the SDK lacks these parameters; its general call carried them: %s\n", strings.Join(parameters, " "))
	fmt.Printf("note the SDK has %d operations beyond the catalogue: %s\n", len(beyond), strings.Join(beyond, " "))
}

// beyond gives the operations that the SDK still has and the API no longer lists, sorted.
func (c *catalogue) beyond(sdk *kms.Client) []string {
	names := []string{}
	methods := reflect.TypeOf(sdk)
	for i := range methods.NumMethod() {
		name, found := strings.CutSuffix(methods.Method(i).Name, "WithOptions")
		if found && c.seen[name] == nil {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// complete says that every operation on keys and secrets both answered and refused. Those without parameters cannot be
// called wrongly, and the attestation challenge is refused for good.
func (c *catalogue) complete() {
	untried := []string{}
	for name, seen := range c.seen {
		other := otherOperation.MatchString(name) && !ownPolicy.MatchString(name)
		unanswered := seen.answered == 0 && name != "GetChallenge"
		unrefused := seen.refused == 0 && name != "DescribeRegions"
		if !other && (unanswered || unrefused) {
			untried = append(untried, fmt.Sprintf("%s (%d answers, %d refusals)", name, seen.answered, seen.refused))
		}
	}
	sort.Strings(untried)
	holds(len(untried) == 0, "not both answered and refused: %s", strings.Join(untried, ", "))
}
