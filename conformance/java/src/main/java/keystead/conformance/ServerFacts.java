package keystead.conformance;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the ready file says about the server, and its root AccessKey. */
final class ServerFacts {
    final String region;
    final String account;
    final String http;
    final String https;
    final String ca;
    final String keyId;
    final String keySecret;
    final Catalogue catalogue;

    ServerFacts(Path readyFile, Catalogue catalogue) throws IOException {
        this.catalogue = catalogue;
        JsonObject ready = JsonParser.parseString(Files.readString(readyFile)).getAsJsonObject();
        JsonObject shared = ready.getAsJsonObject("endpoints").getAsJsonObject("shared");
        region = ready.get("region").getAsString();
        account = ready.get("account_id").getAsString();
        http = shared.get("http").getAsString();
        https = shared.get("https").getAsString();
        ca = Files.readString(Path.of(ready.get("ca_file").getAsString()));
        String given = System.getenv("KEYSTEAD_ROOT_ACCESS_KEY_ID");
        if (given != null && !given.isEmpty()) {
            keyId = given;
            keySecret = System.getenv("KEYSTEAD_ROOT_ACCESS_KEY_SECRET");
            return;
        }
        boolean named = ready.has("access_key_file") && !ready.get("access_key_file").isJsonNull();
        String file = named ? ready.get("access_key_file").getAsString() : System.getenv("ALIBABA_CLOUD_CREDENTIALS_FILE");
        String ini = Files.readString(Path.of(file));
        keyId = value(ini, "access_key_id");
        keySecret = value(ini, "access_key_secret");
    }

    private static String value(String ini, String name) throws IOException {
        Matcher found = Pattern.compile("(?m)^" + name + "\\s*=\\s*(\\S+)").matcher(ini);
        if (!found.find()) {
            throw new IOException("The AccessKey file has no " + name);
        }
        return found.group(1);
    }
}
