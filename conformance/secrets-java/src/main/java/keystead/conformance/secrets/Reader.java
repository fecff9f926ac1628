package keystead.conformance.secrets;

import com.aliyuncs.auth.BasicSessionCredentials;
import com.aliyuncs.auth.StaticCredentialsProvider;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.kms.secretsmanager.client.SecretCacheClient;
import com.aliyuncs.kms.secretsmanager.client.SecretCacheClientBuilder;
import com.aliyuncs.kms.secretsmanager.client.cache.FileCacheSecretStoreStrategy;
import com.aliyuncs.kms.secretsmanager.client.model.SecretInfo;
import com.aliyuncs.kms.secretsmanager.client.service.BaseSecretManagerClientBuilder;
import com.aliyuncs.kms.secretsmanager.client.service.DefaultSecretManagerClientBuilder;
import com.aliyuncs.kms.secretsmanager.client.service.FullJitterBackoffStrategy;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads secrets with the official {@code alibabacloud-secretsmanager-client}; the protocol is that of
 * {@code ../secrets/reader.py}.
 */
public final class Reader {
    private static final Gson GSON = new Gson();

    private Reader() {}

    private static SecretCacheClient opened(JsonObject options) throws Exception {
        DefaultSecretManagerClientBuilder low = BaseSecretManagerClientBuilder.standard();
        if (options.has("session")) {
            JsonArray keys = options.getAsJsonArray("session");
            low.withCredentialsProvider(new StaticCredentialsProvider(new BasicSessionCredentials(
                    keys.get(0).getAsString(), keys.get(1).getAsString(), keys.get(2).getAsString())));
        }
        if (options.has("backoff")) {
            JsonArray waits = options.getAsJsonArray("backoff");
            low.withBackoffStrategy(new FullJitterBackoffStrategy(
                    waits.get(0).getAsLong(), waits.get(1).getAsLong(), waits.get(2).getAsLong()));
        }
        SecretCacheClientBuilder builder = SecretCacheClientBuilder.newCacheClientBuilder(low.build());
        if (options.has("ttl")) {
            for (Map.Entry<String, JsonElement> age : options.getAsJsonObject("ttl").entrySet()) {
                builder.withSecretTTL(age.getKey(), age.getValue().getAsLong());
            }
        }
        if (options.has("json_ttl")) {
            builder.withParseJSONTTL(options.get("json_ttl").getAsString());
        }
        if (options.has("stage")) {
            builder.withCacheStage(options.get("stage").getAsString());
        }
        if (options.has("file")) {
            JsonObject file = options.getAsJsonObject("file");
            builder.withCacheSecretStrategy(new FileCacheSecretStoreStrategy(
                    file.get("folder").getAsString(), file.get("reload").getAsBoolean(), file.get("salt").getAsString()));
        }
        return builder.build();
    }

    /** Reads the secrets in turn, so many times in each thread. */
    private static int hits(SecretCacheClient client, String[] names, int threads, int count) throws Exception {
        Callable<Void> reads = () -> {
            for (int number = 0; number < count; number++) {
                client.getStringValue(names[number % names.length]);
            }
            return null;
        };
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (Future<Void> done : pool.invokeAll(Collections.nCopies(threads, reads))) {
            done.get();
        }
        pool.shutdown();
        return threads * count;
    }

    private static JsonObject performed(SecretCacheClient client, JsonObject line) throws Exception {
        if (line.get("read").getAsString().equals("hits")) {
            String[] names = GSON.fromJson(line.get("secrets"), String[].class);
            JsonObject made = new JsonObject();
            made.addProperty("hits", hits(client, names, line.get("threads").getAsInt(), line.get("count").getAsInt()));
            return made;
        }
        String name = line.get("secret").getAsString();
        JsonObject answer = new JsonObject();
        switch (line.get("read").getAsString()) {
            case "text":
                answer.addProperty("value", client.getStringValue(name));
                break;
            case "binary":
                answer.addProperty("value", StandardCharsets.UTF_8.decode(client.getBinaryValue(name)).toString());
                break;
            case "refresh":
                answer.addProperty("refreshed", client.refreshNow(name));
                break;
            case "info":
                answer.add("info", info(client.getSecretInfo(name)));
                break;
            default:
                throw new IllegalArgumentException("there is no such read: " + line);
        }
        return answer;
    }

    private static JsonObject info(SecretInfo info) {
        JsonObject told = new JsonObject();
        told.addProperty("SecretName", info.getSecretName());
        told.addProperty("VersionId", info.getVersionId());
        told.addProperty("SecretData", info.getSecretValue());
        told.addProperty("SecretDataType", info.getSecretDataType());
        told.addProperty("SecretType", info.getSecretType());
        told.addProperty("CreateTime", info.getCreateTime());
        told.addProperty("AutomaticRotation", info.getAutomaticRotation());
        told.addProperty("RotationInterval", info.getRotationInterval());
        told.addProperty("NextRotationDate", info.getNextRotationDate());
        told.addProperty("ExtendedConfig", info.getExtendedConfig());
        return told;
    }

    /** The client wraps what its SDK throws. */
    private static JsonObject refusal(Throwable fault) {
        JsonObject answer = new JsonObject();
        Throwable cause = fault.getCause() == null ? fault : fault.getCause();
        // The service's own have the id of a request; those of the SDK's side have none.
        if (cause instanceof ClientException && ((ClientException) cause).getRequestId() != null) {
            answer.addProperty("code", ((ClientException) cause).getErrCode());
        } else {
            answer.addProperty("fault", cause.getClass().getName());
        }
        answer.addProperty("message", cause.getMessage());
        return answer;
    }

    /** The classic SDK knows no authority but the machine's, which it asks where a role is taken on. */
    private static void trust(Path authorities) throws Exception {
        char[] password = "of the reader".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, password);
        try (InputStream file = Files.newInputStream(authorities)) {
            for (Certificate authority : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                store.setCertificateEntry("authority-" + store.size(), authority);
            }
        }
        Path path = Path.of("trust.p12").toAbsolutePath();
        try (OutputStream file = Files.newOutputStream(path)) {
            store.store(file, password);
        }
        System.setProperty("javax.net.ssl.trustStore", path.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", new String(password));
    }

    public static void main(String[] arguments) throws Exception {
        // Whatever else is printed has no place in the protocol.
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        trust(Path.of(System.getenv("KEYSTEAD_TRUST")));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        SecretCacheClient client = null;
        for (String text = lines.readLine(); text != null; text = lines.readLine()) {
            JsonObject line = GSON.fromJson(text, JsonObject.class);
            JsonObject answer;
            try {
                if (client == null) {
                    client = opened(line);
                    answer = new JsonObject();
                    answer.addProperty("opened", true);
                } else {
                    answer = performed(client, line);
                }
            } catch (Exception fault) { // whatever it is, it is the answer
                answer = refusal(fault);
            }
            answers.println(GSON.toJson(answer));
        }
        if (client != null) {
            client.close();
        }
        // A thread of the client's watches for ever.
        System.exit(0);
    }
}
