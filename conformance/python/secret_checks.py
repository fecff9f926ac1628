"""Secrets, their versions and their lists."""

import base64
import json

from checks import TIME, Checks, empty
from harness import equal, holds, matches


class SecretChecks(Checks):
    def value_is(self, name, version, data, stages, data_type="text", **parameters):
        answer = self.call("GetSecretValue", SecretName=name, **parameters)
        expected = {
            "SecretName": name,
            "VersionId": version,
            "SecretData": data,
            "SecretDataType": data_type,
            "SecretType": "Generic",
        }
        for field, value in expected.items():
            equal(answer[field], value, field)
        equal(sorted(answer["VersionStages"]["VersionStage"]), sorted(stages), "VersionStages")
        matches(TIME, answer["CreateTime"], "CreateTime")
        empty(answer, "ExtendedConfig", "NextRotationDate", "RotationInterval")
        return answer

    def secrets(self):
        self.secret = name = f"{self.run_id}/app.db+main=1@x-y_z"
        text = " p@ss w0rd+&=%25~*\"'<>/\\ Grüße 密钥 🔑\r\n\t#"
        self.first_value = text

        def created():
            answer = self.call(
                "CreateSecret",
                SecretName=name,
                VersionId="v1",
                SecretData=text,
                Description=f"for {self.run_id} é",
                Tags='[{"TagKey":"team","TagValue":"blue"},{"TagKey":"%s","TagValue":"a b"}]' % self.run_id,
            )
            equal(answer["Arn"], f"acs:kms:{self.ready.region}:{self.ready.account}:secret/{name}", "Arn")
            equal(answer["SecretName"], name, "SecretName")
            equal(answer["VersionId"], "v1", "VersionId")
            equal(answer["SecretType"], "Generic", "SecretType")
            empty(answer, "ExtendedConfig", "NextRotationDate", "RotationInterval", "DKMSInstanceId")

        self.check("CreateSecret", created)
        self.check(
            "CreateSecret of a name in use is refused",
            lambda: self.refused(
                409, "Rejected.ResourceExist", "CreateSecret", SecretName=name, VersionId="v9", SecretData="x"
            ),
        )
        self.check("GetSecretValue", lambda: self.value_is(name, "v1", text, ["ACSCurrent"]))
        self.check(
            "GetSecretValue by stage",
            lambda: self.value_is(name, "v1", text, ["ACSCurrent"], VersionStage="ACSCurrent"),
        )
        self.check(
            "GetSecretValue by version id",
            lambda: self.value_is(name, "v1", text, ["ACSCurrent"], VersionId="v1"),
        )
        for what, parameters in (
            ("an unknown secret", {"SecretName": f"{self.run_id}/none"}),
            ("an unknown version", {"SecretName": name, "VersionId": "v0"}),
            ("an unknown stage", {"SecretName": name, "VersionStage": "ACSPrevious"}),
        ):
            self.check(
                f"GetSecretValue of {what} is refused",
                lambda parameters=parameters: self.refused(
                    404, "Forbidden.ResourceNotFound", "GetSecretValue", **parameters
                ),
            )
        self.check(
            "DescribeSecret of an unknown secret is refused",
            lambda: self.refused(404, "Forbidden.ResourceNotFound", "DescribeSecret", SecretName=f"{self.run_id}/none"),
        )
        self.check(
            "PutSecretValue to an unknown secret is refused",
            lambda: self.refused(
                404,
                "Forbidden.ResourceNotFound",
                "PutSecretValue",
                SecretName=f"{self.run_id}/none",
                VersionId="v1",
                SecretData="x",
            ),
        )

        def described(fetch):
            extra = {} if fetch is None else {"FetchTags": fetch}
            answer = self.call("DescribeSecret", SecretName=name, **extra)
            for field, value in (
                ("Arn", f"acs:kms:{self.ready.region}:{self.ready.account}:secret/{name}"),
                ("SecretName", name),
                ("SecretType", "Generic"),
                ("Description", f"for {self.run_id} é"),
            ):
                equal(answer[field], value, field)
            matches(TIME, answer["CreateTime"], "CreateTime")
            matches(TIME, answer["UpdateTime"], "UpdateTime")
            empty(answer, "PlannedDeleteTime", "DKMSInstanceId", "ExtendedConfig", "RotationInterval")
            tags = ((answer.get("Tags") or {}).get("Tag")) or []
            seen = sorted((tag["TagKey"], tag["TagValue"]) for tag in tags)
            equal(seen, sorted([("team", "blue"), (self.run_id, "a b")]) if fetch == "true" else [], "Tags")

        self.check("DescribeSecret with its tags", lambda: described("true"))
        self.check("DescribeSecret without tags", lambda: described(None))
        for what, bad in (
            ("longer than 192 characters", "n" * 193),
            ("with the prefix acs/", f"acs/{self.run_id}"),
            ("with a blank", f"{self.run_id} x"),
        ):
            self.check(
                f"CreateSecret with a name {what} is refused",
                lambda bad=bad: self.refused(
                    400, "InvalidParameter", "CreateSecret", SecretName=bad, VersionId="v1", SecretData="x"
                ),
            )

        def binary():
            data = base64.b64encode(bytes(range(256))).decode()
            self.call(
                "CreateSecret",
                SecretName=f"{self.run_id}/binary",
                VersionId="v1",
                SecretData=data,
                SecretDataType="binary",
            )
            self.value_is(f"{self.run_id}/binary", "v1", data, ["ACSCurrent"], "binary")

        self.check("a binary secret comes back as it went in", binary)

    def secret_versions(self):
        name, first = self.secret, self.first_value

        def put(version, data, stages=None, expected=("ACSCurrent",), **parameters):
            extra = {} if stages is None else {"VersionStages": json.dumps(stages)}
            answer = self.call(
                "PutSecretValue", SecretName=name, VersionId=version, SecretData=data, **extra, **parameters
            )
            equal(answer["SecretName"], name, "SecretName")
            equal(answer["VersionId"], version, "VersionId")
            equal(sorted(answer["VersionStages"]["VersionStage"]), sorted(expected), "VersionStages")

        def moved():
            put("v2", "second")
            self.value_is(name, "v2", "second", ["ACSCurrent"])
            self.value_is(name, "v1", first, ["ACSPrevious"], VersionStage="ACSPrevious")
            put("v3", "third")
            self.value_is(name, "v3", "third", ["ACSCurrent"])
            self.value_is(name, "v2", "second", ["ACSPrevious"], VersionStage="ACSPrevious")
            self.value_is(name, "v1", first, [], VersionId="v1")

        self.check("PutSecretValue moves ACSCurrent and ACSPrevious", moved)

        def repeated():
            put("v3", "third")
            self.value_is(name, "v3", "third", ["ACSCurrent"])
            self.value_is(name, "v2", "second", ["ACSPrevious"], VersionStage="ACSPrevious")

        self.check("PutSecretValue with the same id and value changes nothing", repeated)
        self.check(
            "PutSecretValue with the same id and another value is refused",
            lambda: self.refused(
                409, "Rejected.ResourceExist", "PutSecretValue", SecretName=name, VersionId="v3", SecretData="other"
            ),
        )
        self.check(
            "GetSecretValue with an id and a stage of different versions is refused",
            lambda: self.refused(
                404,
                "Forbidden.ResourceNotFound",
                "GetSecretValue",
                SecretName=name,
                VersionId="v2",
                VersionStage="ACSCurrent",
            ),
        )

        def labelled():
            put("v4", "fourth", ["blue"], ["blue"])
            self.value_is(name, "v4", "fourth", ["blue"], VersionStage="blue")
            self.value_is(name, "v3", "third", ["ACSCurrent"])
            put("v5", "fifth", ["ACSCurrent", "blue"], ["ACSCurrent", "blue"])
            self.value_is(name, "v5", "fifth", ["ACSCurrent", "blue"])
            self.value_is(name, "v3", "third", ["ACSPrevious"], VersionStage="ACSPrevious")
            self.value_is(name, "v4", "fourth", [], VersionId="v4")

        self.check("PutSecretValue with VersionStages moves those labels", labelled)

        def binary():
            put("v6", "AAECAw==", SecretDataType="binary")
            self.value_is(name, "v6", "AAECAw==", ["ACSCurrent"], "binary")

        self.check("PutSecretValue of binary data", binary)

        def pruned():
            other = f"{self.run_id}/pruned"
            self.call("CreateSecret", SecretName=other, VersionId="v01", SecretData="1")
            for number in range(2, 11):
                self.call("PutSecretValue", SecretName=other, VersionId=f"v{number:02}", SecretData=str(number))
            self.value_is(other, "v01", "1", [], VersionId="v01")
            self.call("PutSecretValue", SecretName=other, VersionId="v11", SecretData="11")
            self.refused(404, "Forbidden.ResourceNotFound", "GetSecretValue", SecretName=other, VersionId="v01")
            self.value_is(other, "v02", "2", [], VersionId="v02")
            self.value_is(other, "v11", "11", ["ACSCurrent"])

        self.check("the eleventh version replaces the oldest without a stage", pruned)

    def secret_lists(self):
        def listed():
            before = self.call("ListSecrets", PageSize=1)["TotalCount"]
            names = [f"{self.run_id}/list-{number:02}" for number in range(11)]
            for name in names:
                self.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="x")
            first = self.call("ListSecrets")
            for field, value in (("PageNumber", 1), ("PageSize", 10), ("TotalCount", before + 11)):
                equal(first[field], value, field)
            equal(len(first["SecretList"]["Secret"]), 10, "number of entries")
            found = []
            for page in range(1, (before + 11 + 6) // 7 + 1):
                answer = self.call("ListSecrets", PageNumber=page, PageSize=7)
                equal(answer["PageNumber"], page, "PageNumber")
                equal(answer["PageSize"], 7, "PageSize")
                for entry in answer["SecretList"]["Secret"]:
                    matches(TIME, entry["CreateTime"], "CreateTime")
                    matches(TIME, entry["UpdateTime"], "UpdateTime")
                    if entry["SecretName"] in names:
                        equal(entry["SecretType"], "Generic", "SecretType")
                        empty(entry, "PlannedDeleteTime")
                    found.append(entry["SecretName"])
            equal(len(found), before + 11, "number of secrets over all pages")
            equal(len(set(found)), len(found), "number of different secrets")
            holds(set(names) <= set(found), "a created secret is not listed")

        self.check("ListSecrets: defaults, pages, entries", listed)

        def filtered(expected, fetch="false", **filters):
            text = json.dumps([{"Key": key, "Values": values} for key, values in filters.items()])
            answer = self.call("ListSecrets", Filters=text, FetchTags=fetch)
            entries = answer["SecretList"]["Secret"]
            equal(sorted(entry["SecretName"] for entry in entries), sorted(expected), "SecretNames")
            equal(answer["TotalCount"], len(expected), "TotalCount")
            return entries

        one = f"{self.run_id}/list-05"
        other = f"{self.run_id}/list-06"
        self.check("ListSecrets by name", lambda: filtered([one], SecretName=[one]))
        self.check("ListSecrets by two names", lambda: filtered([one, other], SecretName=[one, other]))
        self.check("ListSecrets by a filter that nothing meets", lambda: filtered([], SecretName=[f"{self.run_id}/no"]))
        self.check("ListSecrets by type and name", lambda: filtered([one], SecretName=[one], SecretType=["generic"]))

        def tagged():
            entries = filtered([self.secret], "true", TagKey=[self.run_id], TagValue=["a b"])
            tags = sorted((tag["TagKey"], tag["TagValue"]) for tag in entries[0]["Tags"]["Tag"])
            equal(tags, sorted([("team", "blue"), (self.run_id, "a b")]), "Tags")

        self.check("ListSecrets by tag, with tags", tagged)
        self.check(
            "ListSecrets with a PageSize of 101 is refused",
            lambda: self.refused(400, "InvalidParameter", "ListSecrets", PageSize=101),
        )

    def secret_sizes(self):
        values = {"30720 bytes": "a" * 30720}
        if self.kms.secret_data_in_body:
            values["30720 bytes in 10240 characters"] = "密" * 10240
        for what, data in values.items():

            def kept(what=what, data=data):
                name = f"{self.run_id}/{what.replace(' ', '-')}"
                self.call("CreateSecret", SecretName=name, VersionId="v1", SecretData=data)
                self.value_is(name, "v1", data, ["ACSCurrent"])

            self.check(f"a secret of {what}", kept)
        self.check(
            "CreateSecret of 30721 bytes is refused",
            lambda: self.refused(
                400,
                "InvalidParameter",
                "CreateSecret",
                SecretName=f"{self.run_id}/large",
                VersionId="v1",
                SecretData="a" * 30721,
            ),
        )
        self.check(
            "PutSecretValue of 30721 bytes is refused",
            lambda: self.refused(
                400,
                "InvalidParameter",
                "PutSecretValue",
                SecretName=self.secret,
                VersionId="large",
                SecretData="a" * 30721,
            ),
        )
