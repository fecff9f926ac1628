package keystead.conformance;

import static keystead.conformance.Harness.equal;
import static keystead.conformance.Harness.holds;
import static keystead.conformance.Harness.matches;
import static keystead.conformance.Harness.refused;

import com.aliyun.kms20160120.Client;
import com.aliyun.kms20160120.models.CreateKeyRequest;
import com.aliyun.kms20160120.models.DecryptRequest;
import com.aliyun.kms20160120.models.EncryptRequest;
import com.aliyun.kms20160120.models.ListKeysRequest;
import com.aliyun.kms20160120.models.ListKeysResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import keystead.conformance.KmsClient.Mode;
import keystead.conformance.KmsClient.Overrides;

/** Runs the official Java SDK against a started server: Main READY_FILE OPERATIONS_PAGE. */
public final class Main {
    private final Harness harness = new Harness();
    private final ServerFacts facts;

    private Main(ServerFacts facts) {
        this.facts = facts;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            System.err.println("usage: Main READY_FILE OPERATIONS_PAGE");
            System.exit(2);
        }
        System.exit(new Main(new ServerFacts(Path.of(arguments[0]), new Catalogue(Path.of(arguments[1])))).run());
    }

    private int run() throws Exception {
        String[][] modes = {
            {"V3 over HTTP", "HTTP", null},
            {"V3 over HTTPS", "HTTPS", null},
            {"V3 with SM3 over HTTP", "HTTP", "ACS3-HMAC-SM3"},
            {"V1 over HTTP", "HTTP", "v2"},
            {"V1 over HTTPS", "HTTPS", "v2"},
        };
        for (String[] mode : modes) {
            refusedCredentials(mode);
            boolean thorough = mode == modes[0];
            new Suite(harness, new KmsClient(facts, mode(mode)), facts, mode[0], thorough).run();
        }
        harness.check("every operation on keys and secrets was answered and refused", facts.catalogue::complete);
        defaultChain();
        certificate();
        typed();
        facts.catalogue.notes().forEach(harness::note);
        return harness.finish();
    }

    private Mode mode(String[] mode) {
        return new Mode(facts).protocol(mode[1]).algorithm(mode[2]);
    }

    private void refusedCredentials(String[] mode) {
        refuses(mode, "a wrong AccessKey secret", 400, "SignatureDoesNotMatch", m -> m.keySecret = "wrong");
        refuses(mode, "an unknown AccessKey", 404, "InvalidAccessKeyId.NotFound", m -> m.keyId = "LTAI5tUnknownUnknownUnkn");
        refuses(mode, "an unknown security token", 400, "InvalidSecurityToken.Malformed", m -> m.token = "not-a-token-of-this-server");
    }

    private void refuses(String[] tag, String name, int status, String code, Consumer<Mode> change) {
        harness.check(tag[0] + ": " + name + " is refused", () -> {
            Mode mode = mode(tag);
            change.accept(mode);
            KmsClient kms = new KmsClient(facts, mode);
            Refusal refusal = refused(status, code, () -> kms.call("DescribeRegions", Map.of(), Overrides.NONE));
            matches(Checks.REQUEST_ID, refusal.requestId, "RequestId");
            if (code.equals("SignatureDoesNotMatch")) {
                holds(refusal.text.contains("server string to sign is:"), "the message is " + refusal.text);
            }
        });
    }

    private void defaultChain() {
        for (String protocol : new String[] {"HTTP", "HTTPS"}) {
            harness.check("the default credential chain reads the AccessKey file, over " + protocol, () -> {
                Mode mode = new Mode(facts).protocol(protocol);
                mode.credential = new com.aliyun.credentials.Client();
                equal(mode.credential.getCredential().getAccessKeyId(), facts.keyId, "AccessKeyId");
                Checks.answered(new KmsClient(facts, mode).call("ListKeys", Map.of(), Overrides.NONE));
            });
        }
    }

    private void certificate() {
        harness.check("the certificate is refused without the server's authority", () -> {
            // Another host name, for the SDK keeps its connections per host whatever their settings.
            Mode mode = new Mode(facts).protocol("HTTPS");
            mode.host = "localhost";
            mode.ca = null;
            try {
                new KmsClient(facts, mode).call("DescribeRegions", Map.of(), Overrides.NONE);
            } catch (Exception refusal) {
                holds(String.valueOf(refusal.getMessage()).contains("certification path"), "refused for another reason: " + refusal);
                return;
            }
            throw new AssertionError("accepted a certificate of an unknown authority");
        });
    }

    /** What a program would write: the typed requests and answers, without the adapter. */
    private void typed() {
        harness.check("typed requests and answers", () -> {
            Client sdk = new KmsClient(facts, new Mode(facts)).sdk;
            String key = sdk.createKey(new CreateKeyRequest().setDescription("typed")).body.keyMetadata.keyId;
            Map<String, String> context = Map.of("purpose", "typed");
            String blob = sdk.encrypt(new EncryptRequest().setKeyId(key).setPlaintext("hello").setEncryptionContext(context))
                    .body
                    .ciphertextBlob;
            String text = sdk.decrypt(new DecryptRequest().setCiphertextBlob(blob).setEncryptionContext(context)).body.plaintext;
            equal(text, "hello", "Plaintext");
            ListKeysResponse listed = sdk.listKeys(new ListKeysRequest().setPageSize(100));
            equal(listed.body.pageSize, 100, "PageSize");
            equal(listed.statusCode, 200, "status");
        });
    }
}
