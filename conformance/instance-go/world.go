package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	kms "github.com/alibabacloud-go/kms-20160120/v3/client"
	"github.com/alibabacloud-go/tea/tea"
)

const (
	password   = "Instance-Checks_2026"
	keyUser    = "RbacPermission/Template/CryptoServiceKeyUser"
	secretUser = "RbacPermission/Template/CryptoServiceSecretUser"
	secretName = "instance-checks"
)

// ready is what the ready file says.
type ready struct {
	Region    string `json:"region"`
	Endpoints struct {
		Shared struct {
			HTTPS string `json:"https"`
		} `json:"shared"`
		Dedicated map[string]struct {
			Host   string `json:"host"`
			CAFile string `json:"ca_file"`
		} `json:"dedicated"`
	} `json:"endpoints"`
	CAFile string `json:"ca_file"`
}

// world is what the checks work on, made through the OpenAPI with its official SDK.
type world struct {
	region, instance, host, caFile, ca, sharedCA string
	shared, dedicated                            *kms.Client
	aes, hidden, rsaCipher, rsaSigner, ecSigner  string
	clientKey, narrow, elsewhere                 string
}

func text(path string) string { return string(done(os.ReadFile(path))) }

func newWorld(path string) *world {
	var facts ready
	holds(json.Unmarshal([]byte(text(path)), &facts) == nil, "the ready file is no JSON")
	w := &world{region: facts.Region, sharedCA: text(facts.CAFile)}
	holds(len(facts.Endpoints.Dedicated) == 1, "the ready file names %d instances, expected one", len(facts.Endpoints.Dedicated))
	for id, address := range facts.Endpoints.Dedicated {
		w.instance, w.host, w.caFile, w.ca = id, address.Host, address.CAFile, text(address.CAFile)
	}
	w.shared = newOpenAPI(facts.Region, facts.Endpoints.Shared.HTTPS, w.sharedCA)
	w.dedicated = newOpenAPI(facts.Region, w.host, w.ca)
	return w
}

func newOpenAPI(region, endpoint, ca string) *kms.Client {
	id, secret := os.Getenv("KEYSTEAD_ROOT_ACCESS_KEY_ID"), os.Getenv("KEYSTEAD_ROOT_ACCESS_KEY_SECRET")
	if id == "" {
		ini := text(os.Getenv("ALIBABA_CLOUD_CREDENTIALS_FILE"))
		field := func(name string) string {
			found := regexp.MustCompile(`(?m)^` + name + `\s*=\s*(\S+)`).FindStringSubmatch(ini)
			holds(found != nil, "the credentials have no %s", name)
			return found[1]
		}
		id, secret = field("access_key_id"), field("access_key_secret")
	}
	return done(kms.NewClient(&openapi.Config{
		Endpoint:        tea.String(endpoint),
		RegionId:        tea.String(region),
		Protocol:        tea.String("HTTPS"),
		Ca:              tea.String(ca),
		ReadTimeout:     tea.Int(60000),
		ConnectTimeout:  tea.Int(5000),
		AccessKeyId:     tea.String(id),
		AccessKeySecret: tea.String(secret),
	}))
}

// fill makes the keys, the secret, and the access points with a client key each.
func (w *world) fill() {
	w.aes = w.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
	w.hidden = w.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
	w.rsaCipher = w.key("RSA_2048", "ENCRYPT/DECRYPT")
	w.rsaSigner = w.key("RSA_2048", "SIGN/VERIFY")
	w.ecSigner = w.key("EC_P256", "SIGN/VERIFY")
	done(w.shared.CreateAlias(&kms.CreateAliasRequest{KeyId: &w.aes, AliasName: tea.String("alias/instance-checks")}))
	secretKey := w.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
	done(w.shared.CreateSecret(&kms.CreateSecretRequest{
		SecretName: tea.String(secretName), SecretData: tea.String("value one é"), VersionId: tea.String("v1"),
		DKMSInstanceId: &w.instance, EncryptionKeyId: &secretKey,
	}))
	for name, address := range map[string]string{"loopback": "127.0.0.0/8", "elsewhere": "192.0.2.0/24"} {
		done(w.shared.CreateNetworkRule(&kms.CreateNetworkRuleRequest{
			Name: tea.String(name), Type: tea.String("Private"), SourcePrivateIp: tea.String(list(address)),
		}))
	}
	w.clientKey = w.accessPoint("all", list(keyUser, secretUser), list("key/*", "secret/*"), "loopback")
	w.narrow = w.accessPoint("narrow", list(keyUser), list("key/"+w.aes), "loopback")
	w.elsewhere = w.accessPoint("elsewhere", list(keyUser), list("key/*"), "elsewhere")
}

// list is a JSON array text.
func list(values ...string) string { return string(done(json.Marshal(values))) }

func (w *world) key(spec, usage string) string {
	made := done(w.shared.CreateKey(&kms.CreateKeyRequest{
		KeySpec: &spec, KeyUsage: &usage, DKMSInstanceId: &w.instance,
	}))
	return tea.StringValue(made.Body.KeyMetadata.KeyId)
}

// accessPoint makes a policy, an access point with it alone, and a client key's file for it.
func (w *world) accessPoint(name, permissions, resources, rule string) string {
	done(w.shared.CreatePolicy(&kms.CreatePolicyRequest{
		Name: &name, KmsInstance: &w.instance, Permissions: &permissions, Resources: &resources,
		AccessControlRules: tea.String(fmt.Sprintf(`{"NetworkRules":[%q]}`, rule)),
	}))
	done(w.shared.CreateApplicationAccessPoint(&kms.CreateApplicationAccessPointRequest{
		Name: &name, Policies: tea.String(list(name)),
	}))
	_, file := w.newClientKey(name)
	return file
}

func (w *world) newClientKey(accessPoint string) (id, file string) {
	made := done(w.shared.CreateClientKey(&kms.CreateClientKeyRequest{AapName: &accessPoint, Password: tea.String(password)}))
	content := map[string]*string{"KeyId": made.Body.ClientKeyId, "PrivateKeyData": made.Body.PrivateKeyData}
	return tea.StringValue(made.Body.ClientKeyId), string(done(json.Marshal(content)))
}

func (w *world) deleteClientKey(id string) {
	done(w.shared.DeleteClientKey(&kms.DeleteClientKeyRequest{ClientKeyId: &id}))
}

// exposed turns an error of the tea runtime into a refusal.
func exposed(err error) error {
	var sdk *tea.SDKError
	if !errors.As(err, &sdk) {
		return err
	}
	var data struct {
		HTTPCode int `json:"httpCode"`
	}
	_ = json.Unmarshal([]byte(tea.StringValue(sdk.Data)), &data)
	return &refusal{data.HTTPCode, tea.StringValue(sdk.Code), tea.StringValue(sdk.Message)}
}
