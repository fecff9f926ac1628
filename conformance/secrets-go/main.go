// Reads secrets with the official `github.com/aliyun/aliyun-secretsmanager-client-go`; the protocol is that of
// `../secrets/reader.py`.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	sdkerr "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/aliyun-secretsmanager-client-go/sdk"
	"github.com/aliyun/aliyun-secretsmanager-client-go/sdk/cache"
	"github.com/aliyun/aliyun-secretsmanager-client-go/sdk/logger"
	"github.com/aliyun/aliyun-secretsmanager-client-go/sdk/service"
	"github.com/aliyun/aliyun-secretsmanager-client-go/sdk/utils"
)

// options is the first line: what a deployment says in code.
type options struct {
	Session []string
	Backoff []int64
	TTL     map[string]int64
	JSONTTL *string `json:"json_ttl"`
	Stage   string
	File    *struct {
		Folder string
		Reload bool
		Salt   string
	}
}

// request is every further line.
type request struct {
	Read   string
	Secret string
	// What "hits" takes.
	Secrets        []string
	Threads, Count int
}

// answer is a line back.
type answer map[string]any

func build(options options) (*sdk.SecretManagerCacheClient, error) {
	low := service.NewBaseSecretManagerClientBuilder().Standard()
	if keys := options.Session; keys != nil {
		low.WithCredentials(credentials.NewStsTokenCredential(keys[0], keys[1], keys[2]))
	}
	if waits := options.Backoff; waits != nil {
		low.WithBackoffStrategy(service.NewFullJitterBackoffStrategy(int(waits[0]), waits[1], waits[2]))
	}
	builder := sdk.NewSecretCacheClientBuilder(low.Build())
	for name, age := range options.TTL {
		builder.WithSecretTTL(name, age)
	}
	if options.JSONTTL != nil {
		builder.WithParseJSONTTL(*options.JSONTTL)
	}
	if options.Stage != "" {
		builder.WithCacheStage(options.Stage)
	}
	if file := options.File; file != nil {
		builder.WithCacheSecretStrategy(cache.NewFileCacheSecretStoreStrategy(file.Folder, file.Reload, file.Salt))
	}
	return builder.Build()
}

func perform(client *sdk.SecretManagerCacheClient, request request) (answer, error) {
	switch request.Read {
	case "hits":
		made, err := hits(client, request)
		return answer{"hits": made}, err
	case "text":
		value, err := client.GetStringValue(request.Secret)
		return answer{"value": value}, err
	case "binary":
		value, err := client.GetBinaryValue(request.Secret)
		return answer{"value": string(value)}, err
	case "refresh":
		// Here a failure is an error; elsewhere the call gives false.
		refreshed, err := client.RefreshNow(request.Secret)
		if err != nil {
			log.Print(err)
		}
		return answer{"refreshed": refreshed}, nil
	case "info":
		info, err := client.GetSecretInfo(request.Secret)
		if err != nil {
			return nil, err
		}
		return answer{"info": map[string]string{
			"SecretName":        info.SecretName,
			"VersionId":         info.VersionId,
			"SecretData":        info.SecretValue,
			"SecretDataType":    info.SecretDataType,
			"SecretType":        info.SecretType,
			"CreateTime":        info.CreateTime,
			"AutomaticRotation": info.AutomaticRotation,
			"RotationInterval":  info.RotationInterval,
			"NextRotationDate":  info.NextRotationDate,
			"ExtendedConfig":    info.ExtendedConfig,
		}}, nil
	}
	return nil, fmt.Errorf("there is no read %q", request.Read)
}

// hits reads the secrets in turn, so many times in each thread.
func hits(client *sdk.SecretManagerCacheClient, request request) (int, error) {
	// It says at every hit that a value is not JSON.
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	faults := make(chan error, request.Threads)
	for range request.Threads {
		go func() {
			for number := range request.Count {
				if _, err := client.GetStringValue(request.Secrets[number%len(request.Secrets)]); err != nil {
					faults <- err
					return
				}
			}
			faults <- nil
		}()
	}
	var fault error
	for range request.Threads {
		fault = errors.Join(fault, <-faults)
	}
	return request.Threads * request.Count, fault
}

func refusal(err error) answer {
	var refused *sdkerr.ServerError
	if errors.As(err, &refused) {
		return answer{"code": refused.ErrorCode(), "message": refused.Message()}
	}
	return answer{"fault": fmt.Sprintf("%T", err), "message": err.Error()}
}

func main() {
	// The client writes to the standard output by default, which is the protocol's here.
	if err := logger.RegisterLogger(utils.ModeName, logger.NewDefaultLogger(log.Default())); err != nil {
		log.Fatal(err)
	}
	var client *sdk.SecretManagerCacheClient
	lines := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	answers.SetEscapeHTML(false)
	for lines.Scan() {
		given, err := answer(nil), error(nil)
		if client == nil {
			var options options
			if err = json.Unmarshal(lines.Bytes(), &options); err == nil {
				if client, err = build(options); err == nil {
					given = answer{"opened": true}
				}
			}
		} else {
			var request request
			if err = json.Unmarshal(lines.Bytes(), &request); err == nil {
				given, err = perform(client, request)
			}
		}
		if err != nil {
			given = refusal(err)
		}
		if err := answers.Encode(given); err != nil {
			log.Fatal(err)
		}
	}
	if client != nil {
		if err := client.Close(); err != nil {
			log.Fatal(err)
		}
	}
}
