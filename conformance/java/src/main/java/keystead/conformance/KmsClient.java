package keystead.conformance;

import com.aliyun.kms20160120.Client;
import com.aliyun.tea.TeaException;
import com.aliyun.tea.TeaModel;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.ExtendsParameters;
import com.aliyun.teautil.models.RuntimeOptions;
import com.google.gson.Gson;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Adapter: wire names in and out, typed requests and answers of the SDK between. */
final class KmsClient {
    static final String VERSION = "2016-01-20";

    /** How a client talks to the server. */
    static final class Mode {
        String protocol = "HTTP";
        String algorithm;
        String host;
        String ca;
        String keyId;
        String keySecret;
        String token;
        com.aliyun.credentials.Client credential;

        Mode(ServerFacts facts) {
            ca = facts.ca;
            keyId = facts.keyId;
            keySecret = facts.keySecret;
        }

        Mode protocol(String value) {
            protocol = value;
            return this;
        }

        Mode algorithm(String value) {
            algorithm = value;
            return this;
        }
    }

    /** What replaces the values that the SDK would have put into the request before signing it. */
    static final class Overrides {
        static final Overrides NONE = new Overrides(null, null);

        final String date;
        final String nonce;

        Overrides(String date, String nonce) {
            this.date = date;
            this.nonce = nonce;
        }
    }

    final Client sdk;
    private final Catalogue catalogue;
    private final boolean v1;

    KmsClient(ServerFacts facts, Mode mode) throws Exception {
        String endpoint = mode.protocol.equals("HTTPS") ? facts.https : facts.http;
        if (mode.host != null) {
            endpoint = mode.host + endpoint.substring(endpoint.lastIndexOf(':'));
        }
        Config config = new Config()
                .setEndpoint(endpoint)
                .setRegionId(facts.region)
                .setProtocol(mode.protocol)
                .setConnectTimeout(5000)
                .setReadTimeout(60000) // a pair of long RSA keys is looked for until it is found
                .setSignatureAlgorithm(mode.algorithm);
        if (mode.protocol.equals("HTTPS")) {
            config.setCa(mode.ca);
        }
        if (mode.credential != null) {
            config.setCredential(mode.credential);
        } else {
            config.setAccessKeyId(mode.keyId).setAccessKeySecret(mode.keySecret).setSecurityToken(mode.token);
        }
        sdk = new Client(config);
        catalogue = facts.catalogue;
        v1 = "v2".equals(mode.algorithm);
    }

    /** Finds the typed method of the operation; without one, or with a parameter that its request lacks, it is called generally. */
    Map<String, Object> call(String action, Map<String, ?> parameters, Overrides overrides) throws Exception {
        try {
            Map<String, Object> answer = send(action, parameters, overrides);
            catalogue.answered(action);
            return answer;
        } catch (Refusal refusal) {
            catalogue.refused(action);
            throw refusal;
        }
    }

    private Map<String, Object> send(String action, Map<String, ?> parameters, Overrides overrides) throws Exception {
        Method method = Catalogue.typedMethod(action);
        if (method == null || catalogue.lacks(action, method, parameters)) {
            return callGeneral(action, VERSION, parameters, overrides);
        }
        List<Object> arguments = new ArrayList<>();
        if (method.getParameterCount() == 2) {
            TeaModel request = (TeaModel) method.getParameterTypes()[0].getConstructor().newInstance();
            arguments.add(TeaModel.toModel(parameters, request));
        }
        arguments.add(runtime(overrides));
        try {
            Object response = method.invoke(sdk, arguments.toArray());
            return TeaModel.toMap(response.getClass().getField("body").get(response));
        } catch (InvocationTargetException wrapped) {
            throw exposed((Exception) wrapped.getCause());
        }
    }

    Map<String, Object> callGeneral(String action, String version, Map<String, ?> parameters, Overrides overrides) throws Exception {
        Params params = new Params()
                .setAction(action)
                .setVersion(version)
                .setProtocol("HTTPS")
                .setPathname("/")
                .setMethod("POST")
                .setAuthType("AK")
                .setStyle("RPC")
                .setReqBodyType("formData")
                .setBodyType("json");
        Map<String, String> query = new HashMap<>();
        parameters.forEach((name, value) -> query.put(name, wire(value)));
        OpenApiRequest request = new OpenApiRequest().setQuery(query);
        try {
            @SuppressWarnings("unchecked")
            Map<String, Object> body = (Map<String, Object>) sdk.callApi(params, request, runtime(overrides)).get("body");
            return body;
        } catch (TeaException error) {
            throw exposed(error);
        }
    }

    /** The text of a parameter in the general call: plain for scalars, JSON for the rest. */
    private static String wire(Object value) {
        return value instanceof Map || value instanceof List ? new Gson().toJson(value) : String.valueOf(value);
    }

    private RuntimeOptions runtime(Overrides overrides) {
        Map<String, String> extra = new HashMap<>();
        if (overrides.date != null) {
            extra.put(v1 ? "Timestamp" : "x-acs-date", overrides.date);
        }
        if (overrides.nonce != null) {
            extra.put(v1 ? "SignatureNonce" : "x-acs-signature-nonce", overrides.nonce);
        }
        ExtendsParameters extended = new ExtendsParameters();
        return new RuntimeOptions().setExtendsParameters(v1 ? extended.setQueries(extra) : extended.setHeaders(extra));
    }

    private static Exception exposed(Exception error) {
        if (!(error instanceof TeaException) || ((TeaException) error).getStatusCode() == null) {
            return error;
        }
        TeaException refusal = (TeaException) error;
        return new Refusal(
                refusal.getStatusCode(),
                refusal.getCode(),
                refusal.getMessage(),
                String.valueOf(refusal.getData().get("RequestId")));
    }
}
