package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
)

var (
	timeForm      = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
	requestIDForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$`)
	keyIDForm     = regexp.MustCompile(`^key-[a-z]{3}[0-9a-f]{8}[0-9a-z]{10}$`)
	versionIDForm = regexp.MustCompile(`^[0-9A-Za-z-]{36}$`)
)

const (
	unknownKey  = "key-hzz00000000aaaaaaaaaa"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	lower       = "abcdefghijklmnopqrstuvwxyz"
	digits      = "0123456789"
)

func stamp(minutes int) string {
	return time.Now().UTC().Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05Z")
}

func random(size int) []byte {
	bytes := make([]byte, size)
	_, _ = rand.Read(bytes) // never fails
	return bytes
}

func decode(text any) []byte {
	bytes, err := base64.StdEncoding.Strict().DecodeString(fmt.Sprint(text))
	holds(err == nil, "no base64: %v", text)
	return bytes
}

func answered(got answer) answer {
	matches(requestIDForm, got["RequestId"], "RequestId")
	return got
}

func with(base params, more params) params {
	all := params{}
	for _, part := range []params{base, more} {
		for name, value := range part {
			all[name] = value
		}
	}
	return all
}

// list gives the members of a list such as Keys.Key.
func list(got answer, outer, inner string) []answer {
	node, ok := got[outer].(answer)
	holds(ok, "no %s in the answer", outer)
	entries := []answer{}
	if node[inner] == nil {
		return entries // an empty list leaves the typed answer
	}
	for _, entry := range node[inner].([]any) {
		entries = append(entries, entry.(answer))
	}
	return entries
}

// fieldsAre says that the answer has these fields with these values.
func fieldsAre(got answer, expected params) {
	for name, value := range expected {
		equal(got[name], value, name)
	}
}

// suite is the checks that run in every signature version.
type suite struct {
	h               *harness
	kms             *client
	facts           *serverFacts
	tag, id         string
	key             answer
	alias           string
	secret, initial string

	// thorough is set for one variant of the client, which also runs what takes long.
	thorough bool
	pairs    map[string]pair
	macKeys  map[string]string
}

func newSuite(h *harness, kms *client, facts *serverFacts, tag string) *suite {
	plain := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(tag), "-")
	return &suite{h: h, kms: kms, facts: facts, tag: tag, id: plain + "-" + hex.EncodeToString(random(4)),
		pairs: map[string]pair{}, macKeys: map[string]string{}}
}

func (s *suite) check(name string, fn func()) bool { return s.h.check(s.tag+": "+name, fn) }

func (s *suite) call(action string, p params) answer {
	got, err := s.kms.call(action, p, overrides{})
	holds(err == nil, "%s failed: %v", action, err)
	return answered(got)
}

func (s *suite) refused(status int, code, action string, p params) {
	got, err := s.kms.call(action, p, overrides{})
	refused(status, code, got, err)
}

func (s *suite) refuses(name string, status int, code, action string, p params) {
	s.check(name+" is refused", func() { s.refused(status, code, action, p) })
}

func (s *suite) newKey(p params) answer { return s.call("CreateKey", p)["KeyMetadata"].(answer) }

func (s *suite) keyID() string { return s.key["KeyId"].(string) }

func (s *suite) arn(kind, name string) string {
	return fmt.Sprintf("acs:kms:%s:%s:%s%s", s.facts.Region, s.facts.Account, kind, name)
}

func (s *suite) run() {
	s.regionsAndKeys()
	if s.key == nil {
		s.check("the remaining checks", func() { holds(false, "not run, for there is no key") })
		return
	}
	s.aliases()
	s.keyLists()
	s.encryption()
	s.contexts()
	s.dataKeys()
	s.states()
	s.passwords()
	s.secrets()
	s.secretVersions()
	s.secretLists()
	s.secretSizes()
	s.walk()
	s.missingParameters()
	s.refuses("an unknown operation", 404, "InvalidAction.NotFound", "NoSuchOperation", nil)
	s.clockAndReplay()
}

// walk goes over every other operation on keys and secrets. The thorough run alone holds the lists that no signature
// version can change: long keys, rehearsals, states, policies and filters.
func (s *suite) walk() {
	s.keySpecs()
	s.publicKeys()
	s.signatures()
	s.asymmetricCiphers()
	s.macs()
	s.reEncryption()
	s.exports()
	s.versions()
	s.rotationPolicies()
	s.keyDeletion()
	s.deletionProtection()
	s.keyDescriptions()
	s.imports()
	s.aliasChanges()
	s.tags()
	s.batchTags()
	s.enclaves()
	s.batches()
	s.versionStages()
	s.secretVersionLists()
	s.secretDeletion()
	s.secretUpdates()
	s.secretKeys()
	s.rotatingSecrets()
	s.genericRotation()
	if s.thorough {
		s.keyPolicies()
		s.managedDataKeys()
		s.keyFilters()
		s.dryRuns()
		s.stateTable()
		s.secretPolicies()
		s.secretFilters()
		s.retired()
	}
}

// retired calls what the SDK still has and the API no longer lists.
func (s *suite) retired() {
	for _, action := range s.facts.catalogue.beyond(s.kms.sdk) {
		s.refuses(action+", which the API no longer lists,", 400, "UnsupportedOperation", action, nil)
	}
}

// pages makes eleven things, then walks a list operation: its defaults, its pages and its counts.
func (s *suite) pages(action, outer, inner, id string, makeOne func(number int)) map[string]answer {
	before := int(s.call(action, params{"PageSize": 1})["TotalCount"].(float64))
	for number := range 11 {
		makeOne(number)
	}
	total := before + 11
	isPage := func(page answer, number, size int) {
		equal(page["PageNumber"], number, "PageNumber")
		equal(page["PageSize"], size, "PageSize")
		equal(page["TotalCount"], total, "TotalCount")
	}
	first := s.call(action, nil)
	isPage(first, 1, 10)
	equal(len(list(first, outer, inner)), 10, "number of entries")
	found, count := map[string]answer{}, 0
	for number := 1; number <= (total+6)/7; number++ {
		page := s.call(action, params{"PageNumber": number, "PageSize": 7})
		isPage(page, number, 7)
		for _, entry := range list(page, outer, inner) {
			found[entry[id].(string)] = entry
			count++
		}
	}
	equal(count, total, "number of entries over all pages")
	equal(len(found), total, "number of different entries")
	beyond := s.call(action, params{"PageNumber": 99, "PageSize": 100})
	isPage(beyond, 99, 100)
	equal(len(list(beyond, outer, inner)), 0, "number of entries beyond the last page")
	return found
}

func (s *suite) missingParameters() {
	key, secret := params{"KeyId": "x"}, params{"SecretName": "x", "VersionId": "v1", "SecretData": "x"}
	for action, complete := range map[string]params{
		"DescribeKey": key, "EnableKey": key, "DisableKey": key,
		"CreateAlias":     {"AliasName": "alias/x", "KeyId": "x"},
		"Encrypt":         {"KeyId": s.keyID(), "Plaintext": "x"},
		"Decrypt":         {"CiphertextBlob": "x"},
		"GenerateDataKey": key, "GenerateDataKeyWithoutPlaintext": key,
		"CreateSecret": secret, "PutSecretValue": secret,
		"GetSecretValue": {"SecretName": "x"}, "DescribeSecret": {"SecretName": "x"},
	} {
		for name := range complete {
			rest := with(complete, nil)
			delete(rest, name)
			s.refuses(action+" without "+name, 400, "Missing"+name, action, rest)
		}
	}
}

func (s *suite) clockAndReplay() {
	describe := func(o overrides) (answer, error) { return s.kms.call("DescribeRegions", nil, o) }
	for _, minutes := range []int{-14, 14} {
		s.check(fmt.Sprintf("a request dated %+d minutes is served", minutes), func() {
			got, err := describe(overrides{date: stamp(minutes)})
			holds(err == nil, "refused: %v", err)
			answered(got)
		})
	}
	for _, minutes := range []int{-16, 16} {
		s.check(fmt.Sprintf("a request dated %+d minutes is refused", minutes), func() {
			got, err := describe(overrides{date: stamp(minutes)})
			refused(400, "InvalidTimeStamp.Expired", got, err)
		})
	}
	s.check("a date that is none is refused", func() {
		got, err := describe(overrides{date: "yesterday"})
		refused(400, "InvalidTimeStamp.Format", got, err)
	})
	s.check("an unknown API version is refused", func() {
		got, err := describe(overrides{version: "2017-01-20"})
		refused(400, "InvalidVersion", got, err)
	})
	s.check("a request sent twice is refused", func() {
		twice := overrides{date: stamp(0), nonce: hex.EncodeToString(random(16))}
		got, err := describe(twice)
		holds(err == nil, "refused the first time: %v", err)
		answered(got)
		got, err = describe(twice)
		refused(400, "SignatureNonceUsed", got, err)
	})
}
