"""GetManagedDataKey and ListManagedDataKeyVersions. A managed data key is a generic secret whose values are data keys."""

import secrets

from harness import equal
from walk import local


def managed_data_keys(walk):
    name = f"{walk.run_id}/managed"
    keys = {f"v{number}": local.encode(secrets.token_bytes(32)) for number in (1, 2, 3)}
    first, *others = keys
    walk.call("CreateSecret", SecretName=name, VersionId=first, SecretData=keys[first])
    for version in others:
        walk.call("PutSecretValue", SecretName=name, VersionId=version, SecretData=keys[version])

    def read(version, **parameters):
        answer = walk.call("GetManagedDataKey", DataKeyName=name, **parameters)
        equal((answer["DataKeyName"], answer["DataKeyVersionId"]), (name, version), "DataKeyName and DataKeyVersionId")
        equal(answer["Plaintext"], keys[version], "Plaintext")
        return answer["DataKeyVersionName"]

    for what, version, parameters in (
        ("gives the first version", "v1", {}),
        ("without UseLatest gives the first version", "v1", {"UseLatest": False}),
        ("with UseLatest gives the newest version", "v3", {"UseLatest": True}),
        ("gives the version that is asked for", "v2", {"DataKeyVersionId": "v2", "UseLatest": True}),
    ):
        walk.check(f"GetManagedDataKey {what}", lambda v=version, p=parameters: read(v, **p))

    def listed():
        answer = walk.call("ListManagedDataKeyVersions", DataKeyName=name)
        equal(
            (answer["DataKeyName"], answer["PageNumber"], answer["PageSize"], answer["TotalCount"]),
            (name, 1, 10, 3),
            "DataKeyName, PageNumber, PageSize, TotalCount",
        )
        pages = [
            walk.call("ListManagedDataKeyVersions", DataKeyName=name, PageNumber=page, PageSize=2) for page in (1, 2)
        ]
        entries = [entry for page in pages for entry in page["ManagedDataKeyVersions"]["ManagedDataKeyVersion"]]
        equal(sorted(entry["DataKeyVersionId"] for entry in entries), list(keys), "versions over all pages")
        names = {entry["DataKeyVersionId"]: entry["DataKeyVersionName"] for entry in entries}
        equal(names["v2"], read("v2", DataKeyVersionId="v2"), "DataKeyVersionName")

    walk.check("ListManagedDataKeyVersions: defaults, pages, entries", listed)
    text = f"{walk.run_id}/no-data-key"
    walk.call("CreateSecret", SecretName=text, VersionId="v1", SecretData="no base64!")
    none = {"DataKeyName": f"{walk.run_id}/none"}
    for what, status, code, action, parameters in (
        ("an unknown name", 404, "Forbidden.ResourceNotFound", "GetManagedDataKey", none),
        ("an unknown version", 404, "Forbidden.ResourceNotFound", "GetManagedDataKey", {"DataKeyVersionId": "v9"}),
        ("what is no data key", 400, "UnsupportedOperation", "GetManagedDataKey", {"DataKeyName": text}),
        ("an unknown name", 404, "Forbidden.ResourceNotFound", "ListManagedDataKeyVersions", none),
        ("a PageSize of 101", 400, "InvalidParameter", "ListManagedDataKeyVersions", {"PageSize": 101}),
    ):
        walk.refuses(f"{action} with {what} is refused", status, code, action, **{"DataKeyName": name, **parameters})
