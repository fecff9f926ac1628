"""A walk over every key and every secret operation, with good and with bad arguments.

The suite checks what programs use all the time, under every signature and transport. The walk goes further and takes
longer, so it runs for one client of each kind. A group is a function over the `Walk`; the groups share the keys that
`Walk.key_of` makes.
"""

from checks import Checks


class Walk(Checks):
    """One client on its way through all operations. `thorough` adds the keys that take long to make."""

    def __init__(self, harness, kms, ready, tag, thorough=False):
        super().__init__(harness, kms, ready, f"{tag}, walk")
        self.thorough = thorough
        self.made = {}
        self.uses = None

    def key_of(self, spec, usage=None):
        """Id and version id of a key that the groups share; nothing may change its state."""
        if (spec, usage) not in self.made:
            parameters = {"KeyUsage": usage} if usage else {}
            self.made[spec, usage] = self.fresh_key(KeySpec=spec, **parameters)
        return self.made[spec, usage]

    def fresh_key(self, **parameters):
        """Id and version id of a new key."""
        key_id = self.new_key(**parameters)["KeyId"]
        versions = self.call("ListKeyVersions", KeyId=key_id)["KeyVersions"]["KeyVersion"]
        return key_id, versions[0]["KeyVersionId"]

    def described(self, key_id):
        return self.call("DescribeKey", KeyId=key_id)["KeyMetadata"]

    def run(self, *groups):
        for group in groups:
            try:
                group(self)
            except Exception as error:  # what a group builds on has failed; the other groups still tell something
                self.check(f"the rest of {group.__name__}", lambda error=error: self.fail(error))

    @staticmethod
    def fail(error):
        raise error
