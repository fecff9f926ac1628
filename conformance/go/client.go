package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	kms "github.com/alibabacloud-go/kms-20160120/v3/client"
	util "github.com/alibabacloud-go/tea-utils/v2/service"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/credentials-go/credentials"
)

const apiVersion = "2016-01-20"

// mode is how a client talks to the server.
type mode struct {
	protocol, algorithm, host, ca string
	keyID, keySecret, token       string
	credential                    credentials.Credential
}

// overrides replace what the SDK would have put into the request before signing it.
type overrides struct{ date, nonce, version string }

// client is the adapter: wire names in and out, typed requests and answers of the SDK between.
type client struct {
	sdk       *kms.Client
	algorithm string
	catalogue *catalogue
}

func newClient(facts *serverFacts, m mode) *client {
	endpoint := facts.Endpoints.Shared.HTTP
	if m.protocol == "HTTPS" {
		endpoint = facts.Endpoints.Shared.HTTPS
	}
	if m.host != "" {
		endpoint = m.host + endpoint[strings.LastIndex(endpoint, ":"):]
	}
	config := &openapi.Config{
		Endpoint:       tea.String(endpoint),
		RegionId:       tea.String(facts.Region),
		Protocol:       tea.String(m.protocol),
		ReadTimeout:    tea.Int(60000), // a pair of long RSA keys is looked for until it is found
		ConnectTimeout: tea.Int(5000),
	}
	if m.protocol == "HTTPS" && m.ca != "" {
		config.Ca = tea.String(m.ca)
	}
	if m.algorithm != "" {
		config.SignatureAlgorithm = tea.String(m.algorithm)
	}
	if m.credential != nil {
		config.Credential = m.credential
	} else {
		config.AccessKeyId = tea.String(m.keyID)
		config.AccessKeySecret = tea.String(m.keySecret)
		if m.token != "" {
			config.SecurityToken = tea.String(m.token)
		}
	}
	sdk, err := kms.NewClient(config)
	holds(err == nil, "the client cannot be made: %v", err)
	return &client{sdk, m.algorithm, facts.catalogue}
}

func (c *client) runtime(o overrides) *util.RuntimeOptions {
	extra := map[string]*string{}
	names := [2]string{"x-acs-date", "x-acs-signature-nonce"}
	if c.algorithm == "v2" {
		names = [2]string{"Timestamp", "SignatureNonce"}
	}
	for i, value := range []string{o.date, o.nonce} {
		if value != "" {
			extra[names[i]] = tea.String(value)
		}
	}
	if c.algorithm == "v2" {
		return &util.RuntimeOptions{ExtendsParameters: &util.ExtendsParameters{Queries: extra}}
	}
	return &util.RuntimeOptions{ExtendsParameters: &util.ExtendsParameters{Headers: extra}}
}

// call finds the typed method of the operation; without one, or with a parameter that its request lacks, it goes through
// the general call.
func (c *client) call(action string, p params, o overrides) (answer, error) {
	got, err := c.send(action, p, o)
	c.catalogue.count(action, err)
	return got, err
}

func (c *client) send(action string, p params, o overrides) (answer, error) {
	method := typedMethod(c.sdk, action)
	if !method.IsValid() || o.version != "" || c.lacks(action, method, p) {
		return c.callGeneral(action, p, o)
	}
	arguments := []reflect.Value{reflect.ValueOf(c.runtime(o))}
	if method.Type().NumIn() == 2 {
		request := reflect.New(method.Type().In(0).Elem())
		if err := tea.Convert(p, request.Interface()); err != nil {
			return nil, err
		}
		arguments = append([]reflect.Value{request}, arguments...)
	}
	results := method.Call(arguments)
	if err, _ := results[1].Interface().(error); err != nil {
		return nil, exposed(err)
	}
	return asAnswer(results[0].Elem().FieldByName("Body").Interface())
}

// lacks says whether the SDK's request type has no field for one of the parameters.
func (c *client) lacks(action string, method reflect.Value, p params) (lacking bool) {
	known := map[string]bool{}
	if method.Type().NumIn() == 2 {
		request := method.Type().In(0).Elem()
		for i := range request.NumField() {
			name, _, _ := strings.Cut(request.Field(i).Tag.Get("json"), ",")
			known[name] = true
		}
	}
	for name := range p {
		if !known[name] {
			c.catalogue.lacks[action+"."+name] = true
			lacking = true
		}
	}
	return lacking
}

// wire is the text of a parameter in the general call: plain for scalars, JSON for the rest.
func wire(value any) string {
	switch reflect.ValueOf(value).Kind() {
	case reflect.Map, reflect.Slice:
		text, err := json.Marshal(value)
		holds(err == nil, "no JSON: %v", err)
		return string(text)
	default:
		return fmt.Sprint(value)
	}
}

func (c *client) callGeneral(action string, p params, o overrides) (answer, error) {
	version := o.version
	if version == "" {
		version = apiVersion
	}
	query := map[string]*string{}
	for name, value := range p {
		query[name] = tea.String(wire(value))
	}
	result, err := c.sdk.CallApi(&openapi.Params{
		Action:      tea.String(action),
		Version:     tea.String(version),
		Protocol:    tea.String("HTTPS"),
		Pathname:    tea.String("/"),
		Method:      tea.String("POST"),
		AuthType:    tea.String("AK"),
		Style:       tea.String("RPC"),
		ReqBodyType: tea.String("formData"),
		BodyType:    tea.String("json"),
	}, &openapi.OpenApiRequest{Query: query}, c.runtime(o))
	if err != nil {
		return nil, exposed(err)
	}
	return asAnswer(result["body"])
}

func asAnswer(body any) (answer, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	var result answer
	return result, json.Unmarshal(text, &result)
}

func exposed(err error) error {
	var refusal *tea.SDKError
	if !errors.As(err, &refusal) || refusal.StatusCode == nil {
		return err
	}
	return &kmsError{
		status: *refusal.StatusCode,
		code:   tea.StringValue(refusal.Code),
		text:   tea.StringValue(refusal.Message),
		detail: tea.StringValue(refusal.Data),
	}
}
