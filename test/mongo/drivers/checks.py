"""What the Python drivers have in common: the values that they store, and how a check is told."""

import datetime
import json
import re
import uuid

from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

VALUES = {
    "double": 1.0,
    "string": "ключ \U0001f511",
    "object": {"b": 1, "a": {"c": None}},
    "array": [1, "two", [3]],
    "binData": b"\x00\xff",
    "uuid": Binary(uuid.UUID(int=5).bytes, 4),
    "objectId": ObjectId("65f000000000000000000001"),
    "bool": True,
    "date": datetime.datetime(2026, 11, 22, 10, 0, 0, 123000),
    "null": None,
    "regex": Regex("^a.b$", re.IGNORECASE),
    "javascript": Code("function () {}"),
    "int": 2147483647,
    "timestamp": Timestamp(5, 6),
    "long": Int64(5),
    "large": 9007199254740993,
    "decimal": Decimal128("0.10"),
    "minKey": MinKey(),
    "maxKey": MaxKey(),
}

# A large int is stored as an int64, and comes back as one.
READ_AS = {"large": Int64}

PROJECT_KINDS = {"_id": 0, **{name: {"$type": f"${name}"} for name in VALUES}}


def changed(found):
    """The names of the values that came back as others."""
    return [
        name
        for name, value in VALUES.items()
        if found[name] != value or type(found[name]) is not READ_AS.get(name, type(value))
    ]


def say(name, got):
    print(json.dumps({"check": name, "got": got}), flush=True)
