package keystead.conformance.instance;

import com.aliyun.dkms.gcs.openapi.models.Config;
import com.aliyun.dkms.gcs.openapi.util.models.RuntimeOptions;
import com.aliyun.dkms.gcs.sdk.Client;
import com.aliyun.tea.TeaException;
import com.aliyun.tea.TeaUnretryableException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The official instance client: the SDK's typed request and answer, with the names of its fields in and out. */
final class Instance {
    static final String VERSION_HEADER = "x-kms-migrationkeyversionid";

    /** Operations that gave a good answer, and those that were refused. */
    static final Set<String> ANSWERED = new TreeSet<>();

    static final Set<String> REFUSED = new TreeSet<>();

    private final Client client;

    Instance(Config config) throws Exception {
        client = new Client(config);
    }

    static Config config(World world, String ca) {
        return new Config().setEndpoint(world.host).setProtocol("https").setCa(ca).setReadTimeout(60000);
    }

    static Instance of(World world, String clientKey, String password) throws Exception {
        return new Instance(config(world, world.ca).setClientKeyContent(clientKey).setPassword(password));
    }

    /** Calls an operation, such as "encrypt"; fields alternate between name and value, nulls are left out. */
    Map<String, Object> call(String operation, Object... fields) throws Exception {
        String name = operation.substring(0, 1).toUpperCase() + operation.substring(1);
        Class<?> type = Class.forName("com.aliyun.dkms.gcs.sdk.models." + name + "Request");
        Object request = type.getDeclaredConstructor().newInstance();
        for (int i = 0; i < fields.length; i += 2) {
            type.getField((String) fields[i]).set(request, fields[i + 1]);
        }
        RuntimeOptions options = new RuntimeOptions().setResponseHeaders(List.of(VERSION_HEADER));
        Object answer;
        try {
            answer =
                    Client.class
                            .getMethod(operation + "WithOptions", type, RuntimeOptions.class)
                            .invoke(client, request, options);
        } catch (InvocationTargetException wrapped) {
            Exception error = exposed(wrapped.getCause());
            if (error instanceof Refusal) {
                REFUSED.add(operation);
            }
            throw error;
        }
        ANSWERED.add(operation);
        Map<String, Object> found = new HashMap<>();
        for (Field field : answer.getClass().getFields()) {
            found.put(field.getName(), field.get(answer));
        }
        return found;
    }

    private static Exception exposed(Throwable error) {
        if (error instanceof TeaUnretryableException && error.getCause() instanceof TeaException) {
            error = error.getCause();
        }
        if (error instanceof TeaException) {
            TeaException refused = (TeaException) error;
            Object status = refused.getData() == null ? null : refused.getData().get("httpCode");
            if (status != null) {
                return new Refusal(Integer.parseInt(status.toString()), refused.getCode(), refused.getMessage());
            }
        }
        return error instanceof Exception ? (Exception) error : new Exception(error);
    }

    /** The key version that an answer names in its header. */
    static String version(Map<String, Object> answer) {
        return (String) ((Map<?, ?>) answer.get("responseHeaders")).get(VERSION_HEADER);
    }
}
