"""What the two clients have in common: their builder of the cache, their calls, and the lines of the protocol."""

import json
import logging
import sys
import threading


def configured(builder, options, file_strategy):
    for name, age in options.get("ttl", {}).items():
        builder.with_secret_ttl(name, age)
    if "json_ttl" in options:
        builder.with_parse_json_ttl(options["json_ttl"])
    if "stage" in options:
        builder.with_cache_stage(options["stage"])
    if "file" in options:
        file = options["file"]
        builder.with_cache_secret_strategy(file_strategy(file["folder"], file["reload"], file["salt"]))
    quiet = logging.getLogger("reader")
    quiet.propagate = False
    quiet.addHandler(logging.StreamHandler(sys.stderr))
    return builder.with_logger(quiet)


def hits(client, names, threads, count):
    """Reads the secrets in turn, so many times in each thread."""

    def reads():
        for number in range(count):
            client.get_secret_value(names[number % len(names)])

    running = [threading.Thread(target=reads) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return threads * count


def perform(client, line):
    if line["read"] == "hits":
        return {"hits": hits(client, line["secrets"], line["threads"], line["count"])}
    name = line["secret"]
    if line["read"] == "text":
        return {"value": client.get_secret_value(name)}
    if line["read"] == "binary":
        return {"value": bytes(client.get_binary_value(name)).decode()}
    if line["read"] == "refresh":
        return {"refreshed": client.refresh_now(name)}
    info = client.get_secret_info(name)
    return {
        "info": {
            "SecretName": info.secret_name,
            "VersionId": info.version_id,
            "SecretData": info.secret_value,
            "SecretDataType": info.secret_data_type,
            "SecretType": info.secret_type,
            "CreateTime": info.create_time,
            "AutomaticRotation": info.automatic_rotation,
            "RotationInterval": info.rotation_interval,
            "NextRotationDate": info.next_rotation_date,
            "ExtendedConfig": info.extended_config,
        }
    }


def serve(build, refusal, perform=perform):
    client = None
    for text in sys.stdin:
        line = json.loads(text)
        try:
            if client is None:
                client = build(line)
                answer = {"opened": True}
            else:
                answer = perform(client, line)
        except Exception as error:  # whatever it is, it is the answer
            answer = refusal(error) or {"fault": type(error).__name__, "message": str(error)}
        print(json.dumps(answer, default=str), flush=True)
    if client is not None:
        client.close()
