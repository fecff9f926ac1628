"""UpdateAlias, DeleteAlias, ListAliasesByKeyId."""

from checks import UNKNOWN_KEY
from harness import equal


def aliases(walk):
    one, _ = walk.fresh_key()
    two, _ = walk.fresh_key()
    names = [f"alias/{walk.run_id}/by-key-{number}" for number in range(4)]

    def of_key(key_id, **parameters):
        answer = walk.call("ListAliasesByKeyId", KeyId=key_id, **parameters)
        return answer, [entry["AliasName"] for entry in answer["Aliases"]["Alias"]]

    def listed():
        for name in names:
            walk.call("CreateAlias", AliasName=name, KeyId=one)
        answer, seen = of_key(one)
        equal(
            (answer["PageNumber"], answer["PageSize"], answer["TotalCount"]),
            (1, 10, 4),
            "PageNumber, PageSize, TotalCount",
        )
        equal(sorted(seen), names, "AliasNames")
        equal(
            {tuple(sorted(entry.items())) for entry in answer["Aliases"]["Alias"]},
            {(("AliasArn", walk.arn(name)), ("AliasName", name), ("KeyId", one)) for name in names},
            "entries",
        )
        pages = [of_key(one, PageNumber=page, PageSize=3)[1] for page in (1, 2, 3)]
        equal([len(page) for page in pages], [3, 1, 0], "sizes of the pages")
        equal(sorted(sum(pages, [])), names, "AliasNames over all pages")
        equal(of_key(two)[0]["TotalCount"], 0, "TotalCount of a key without aliases")

    walk.check("ListAliasesByKeyId: defaults, pages, entries", listed)

    def rebound():
        walk.call("UpdateAlias", AliasName=names[0], KeyId=two)
        equal(walk.described(names[0])["KeyId"], two, "KeyId")
        equal(of_key(two)[1], [names[0]], "aliases of the new key")
        equal(sorted(of_key(one)[1]), names[1:], "aliases of the old key")
        equal(walk.call("Encrypt", KeyId=names[0], Plaintext="x")["KeyId"], two, "KeyId of Encrypt")
        walk.call("UpdateAlias", AliasName=names[0], KeyId=two)

    walk.check("UpdateAlias binds the alias to another key", rebound)

    def deleted():
        walk.call("DeleteAlias", AliasName=names[0])
        walk.refused(404, "Forbidden.AliasNotFound", "DescribeKey", KeyId=names[0])
        walk.refused(404, "Forbidden.AliasNotFound", "DeleteAlias", AliasName=names[0])
        equal(walk.described(two)["KeyState"], "Enabled", "KeyState of the key")
        walk.call("CreateAlias", AliasName=names[0], KeyId=one)

    walk.check("DeleteAlias frees the name, and the key stays", deleted)
    for name, status, code, action, parameters in (
        (
            "UpdateAlias of an unknown alias",
            404,
            "Forbidden.AliasNotFound",
            "UpdateAlias",
            {"AliasName": "alias/no-such", "KeyId": one},
        ),
        (
            "UpdateAlias to an unknown key",
            404,
            "Forbidden.KeyNotFound",
            "UpdateAlias",
            {"AliasName": names[1], "KeyId": UNKNOWN_KEY},
        ),
        (
            "UpdateAlias to an alias",
            400,
            "Unsupported.Alias",
            "UpdateAlias",
            {"AliasName": names[1], "KeyId": names[2]},
        ),
        (
            "UpdateAlias without the prefix alias/",
            400,
            "InvalidParameter",
            "UpdateAlias",
            {"AliasName": walk.run_id, "KeyId": one},
        ),
        (
            "DeleteAlias of an unknown alias",
            404,
            "Forbidden.AliasNotFound",
            "DeleteAlias",
            {"AliasName": "alias/no-such"},
        ),
        ("DeleteAlias without the prefix alias/", 400, "InvalidParameter", "DeleteAlias", {"AliasName": walk.run_id}),
        (
            "ListAliasesByKeyId of an unknown key",
            404,
            "Forbidden.KeyNotFound",
            "ListAliasesByKeyId",
            {"KeyId": UNKNOWN_KEY},
        ),
        ("ListAliasesByKeyId of an alias", 400, "Unsupported.Alias", "ListAliasesByKeyId", {"KeyId": names[1]}),
        (
            "ListAliasesByKeyId with a PageSize of 101",
            400,
            "InvalidParameter",
            "ListAliasesByKeyId",
            {"KeyId": one, "PageSize": 101},
        ),
        (
            "CreateAlias with a name of 256 characters",
            400,
            "InvalidParameter",
            "CreateAlias",
            {"AliasName": "alias/" + "a" * 256, "KeyId": one},
        ),
        (
            "CreateAlias with a blank in the name",
            400,
            "InvalidParameter",
            "CreateAlias",
            {"AliasName": "alias/a b", "KeyId": one},
        ),
        (
            "CreateAlias with a name of service keys",
            400,
            "InvalidParameter",
            "CreateAlias",
            {"AliasName": "alias/acs/kms", "KeyId": one},
        ),
    ):
        walk.refuses(f"{name} is refused", status, code, action, **parameters)
