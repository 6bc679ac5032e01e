"""What bots do with Motor, on the server of the URI: a line of JSON for each check.

Arguments: the URI, and either `work` or `lost`. In `lost`, somebody loses acknowledgements on the way.
"""

import asyncio
import sys
import time

from checks import PROJECT_KINDS, VALUES, changed, say
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ASCENDING, DeleteOne, InsertOne, ReturnDocument, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    DuplicateKeyError,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
)


async def attempt(name, awaitable):
    try:
        say(name, await awaitable)
    except Exception as error:
        say(name, {"unexpected": f"{type(error).__name__}: {error}"})


async def refused(awaitable):
    """What the server has against it."""
    try:
        await awaitable
    except OperationFailure as error:
        return error
    raise AssertionError("it was not refused")


# ---------------------------------------------------------------- work


async def types(db):
    await db.types.insert_one({"_id": 1, **VALUES})
    found = await db.types.find_one({"_id": 1})
    kinds = await db.types.aggregate([{"$project": PROJECT_KINDS}]).next()
    return {"changed": changed(found), "kinds": kinds}


async def batches(db):
    await db.things.insert_many([{"_id": n, "n": n % 10} for n in range(250)])
    read = [thing["_id"] async for thing in db.things.find().sort("_id", -1).batch_size(40)]
    return {"read": len(read), "inOrder": read == list(range(249, -1, -1))}


async def bulk_write(db):
    await db.bulk.insert_many([{"_id": 1, "n": 0}, {"_id": 2, "n": 0}])
    result = await db.bulk.bulk_write(
        [
            InsertOne({"_id": 3, "n": 0}),
            UpdateOne({"_id": 1}, {"$inc": {"n": 5}}),
            UpdateOne({"_id": 4}, {"$set": {"n": 7}}, upsert=True),
            DeleteOne({"_id": 2}),
        ]
    )
    return {
        "inserted": result.inserted_count,
        "modified": result.modified_count,
        "upserted": result.upserted_count,
        "deleted": result.deleted_count,
        "left": [thing["_id"] async for thing in db.bulk.find().sort("_id", 1)],
    }


async def bulk_error(db):
    await db.unordered.insert_one({"_id": 1})
    try:
        await db.unordered.bulk_write([InsertOne({"_id": n}) for n in (0, 1, 2)], ordered=False)
    except BulkWriteError as error:
        (failed,) = error.details["writeErrors"]
        return {
            "code": failed["code"],
            "index": failed["index"],
            "stored": await db.unordered.count_documents({}),
        }


async def duplicate_key(db):
    await db.users.create_index("email", unique=True)
    await db.users.insert_one({"email": "ann@example.org"})
    try:
        await db.users.insert_one({"email": "ann@example.org"})
    except DuplicateKeyError as error:
        return {key: error.details[key] for key in ("code", "keyPattern", "keyValue")}


async def find_and_modify(db):
    await db.jobs.insert_many([{"_id": 1, "at": 5}, {"_id": 2, "at": 3}])
    first = await db.jobs.find_one_and_update({}, {"$set": {"by": "me"}}, sort=[("at", ASCENDING)])
    new = await db.jobs.find_one_and_update(
        {"_id": 3}, {"$inc": {"at": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    replaced = await db.jobs.find_one_and_replace({"_id": 1}, {"at": 9})
    deleted = await db.jobs.find_one_and_delete({"by": "me"})
    return {
        "first": first,
        "new": new,
        "replaced": replaced,
        "deleted": deleted,
        "none": await db.jobs.find_one_and_delete({"_id": 99}),
    }


async def aggregation(db):
    await db.buyers.insert_many([{"_id": 1, "name": "Ann"}, {"_id": 2, "name": "Bob"}])
    await db.orders.insert_many([{"buyer": n % 2 + 1, "cents": 100 * n} for n in range(1, 6)])
    pipeline = [
        {"$match": {"cents": {"$gt": 100}}},
        {"$lookup": {"from": "buyers", "localField": "buyer", "foreignField": "_id", "as": "buyer"}},
        {"$unwind": "$buyer"},
        {"$group": {"_id": "$buyer.name", "cents": {"$sum": "$cents"}, "orders": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]
    return await db.orders.aggregate(pipeline).to_list(None)


async def indexes(db):
    await db.indexed.create_index("email", unique=True)
    await db.indexed.create_index("at", expireAfterSeconds=3600)
    await db.indexed.create_index(
        [("chat", 1), ("open", -1)],
        name="open",
        unique=True,
        partialFilterExpression={"open": True},
    )
    # Closed ones may be many in a chat, open ones may not.
    await db.indexed.insert_many([{"chat": 1, "open": False, "email": n} for n in "ab"])
    await db.indexed.insert_one({"chat": 1, "open": True, "email": "c"})
    code = (await refused(db.indexed.insert_one({"chat": 1, "open": True, "email": "d"}))).code
    listed = {}
    async for index in db.indexed.list_indexes():
        described = dict(index)
        name = described.pop("name")
        described.pop("v")
        listed[name] = {**described, "key": list(described["key"].items())}
    return {"code": code, "listed": listed}


async def transactions(client, db):
    accounts = db.accounts
    await accounts.insert_many([{"_id": "a", "cents": 100}, {"_id": "b", "cents": 0}])

    async def move(session, cents):
        await accounts.update_one({"_id": "a"}, {"$inc": {"cents": -cents}}, session=session)
        await accounts.update_one({"_id": "b"}, {"$inc": {"cents": cents}}, session=session)

    async def left():
        return [account["cents"] async for account in accounts.find().sort("_id", 1)]

    async with await client.start_session() as session:
        try:
            async with session.start_transaction():
                await move(session, 30)
                inside = await accounts.find_one({"_id": "a"}, session=session)
                outside = await accounts.find_one({"_id": "a"})
        except OperationFailure as error:
            return {"code": error.code}
        committed = await left()
        session.start_transaction()
        await move(session, 50)
        await session.abort_transaction()
        aborted = await left()
    async with await client.start_session() as one, await client.start_session() as other:
        one.start_transaction()
        await move(one, 1)
        other.start_transaction()
        conflict = await refused(move(other, 2))
        await other.abort_transaction()
        await one.commit_transaction()
    again = await client.start_session()
    await again.with_transaction(lambda session: move(session, 5))
    await again.end_session()
    return {
        "inside": inside["cents"],
        "outside": outside["cents"],
        "committed": committed,
        "aborted": aborted,
        "conflict": {
            "code": conflict.code,
            "transient": conflict.has_error_label("TransientTransactionError"),
        },
        "left": await left(),
    }


async def retryable_write(db):
    """The server, or somebody before it, refuses the first update of all with error 91."""
    await db.retried.insert_one({"_id": 1, "n": 0})
    try:
        await db.retried.update_one({"_id": 1}, {"$inc": {"n": 1}})
        outcome = "ok"
    except (OperationFailure, NotPrimaryError) as error:
        outcome = error.details["code"]
    return {"outcome": outcome, "n": (await db.retried.find_one({"_id": 1}))["n"]}


async def sessions(client, db):
    async with await client.start_session(causal_consistency=True) as session:
        await db.sessions.insert_one({"_id": 1, "step": "name"}, session=session)
        found = await db.sessions.find_one({"_id": 1}, session=session)
        ended_before = session.has_ended
    return {"found": found, "ended": [ended_before, session.has_ended]}


async def login(uri):
    logins = {}
    for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256"):
        other = AsyncIOMotorClient(uri, authMechanism=mechanism)
        logins[mechanism] = (await other.admin.command("ping"))["ok"]
        other.close()
    other = AsyncIOMotorClient(uri, password="wrong")
    logins["wrong"] = (await refused(other.admin.command("ping"))).code
    other.close()
    return logins


async def work(uri):
    client = AsyncIOMotorClient(uri, appname="motor")
    db = client.work
    await attempt("retryable write", retryable_write(db))
    await attempt("types", types(db))
    await attempt("batches", batches(db))
    await attempt("bulk write", bulk_write(db))
    await attempt("bulk write with an error", bulk_error(db))
    await attempt("duplicate key", duplicate_key(db))
    await attempt("findAndModify", find_and_modify(db))
    await attempt("aggregation", aggregation(db))
    await attempt("indexes", indexes(db))
    await attempt("transactions", transactions(client, db))
    await attempt("sessions", sessions(client, db))
    await attempt("login", login(uri))
    client.close()


# ---------------------------------------------------------------- lost acknowledgements


async def lost(uri):
    client = AsyncIOMotorClient(uri, appname="motor")
    db = client.lost
    add = {"$inc": {"n": 1}}

    async def tell(name, function, count=None, again=None):
        """What the application hears of it, and how often it was applied."""
        began = time.monotonic()
        try:
            await function()
            outcome, labels = "ok", []
        except PyMongoError as error:
            outcome = type(error).__name__
            labels = ["RetryableWriteError"] if error.has_error_label("RetryableWriteError") else []
        ms = round(1000 * (time.monotonic() - began))
        told = {"outcome": outcome, "labels": labels, "ms": ms}
        if count is not None:
            told["applied"] = await count()
        if outcome != "ok" and again is not None:
            await again()
            told["appliedAfterRetry"] = await count()
        say(name, told)

    async def increment(name, function):
        await db[name].insert_one({"_id": 1, "n": 0})

        async def count():
            return (await db[name].find_one({"_id": 1}))["n"]

        def run():
            return function(db[name])

        await tell(name, run, count, again=run)

    await increment("updateOne", lambda things: things.update_one({"_id": 1}, add))
    await increment("findOneAndUpdate", lambda things: things.find_one_and_update({"_id": 1}, add))
    await increment("bulkWrite", lambda things: things.bulk_write([UpdateOne({"_id": 1}, add)]))
    await increment("updateMany", lambda things: things.update_many({}, add))

    def insert():
        return db.insertOne.insert_one({"n": 1})

    await tell("insertOne", insert, lambda: db.insertOne.count_documents({}), again=insert)

    await db.find.insert_one({"_id": 1})
    await tell("find", lambda: db.find.find_one({"_id": 1}))
    await db.getMore.insert_many([{"_id": n} for n in range(10)])
    await tell("getMore", lambda: db.getMore.find().batch_size(4).to_list(None))

    if "replicaSet" in uri:
        await increment("twice", lambda things: things.update_one({"_id": 1}, add))
        await db.commitTransaction.insert_one({"_id": 1, "n": 0})
        async with await client.start_session() as session:
            session.start_transaction()
            await db.commitTransaction.update_one({"_id": 1}, add, session=session)

            async def count():
                return (await db.commitTransaction.find_one({"_id": 1}))["n"]

            await tell("commitTransaction", session.commit_transaction, count)
    client.close()


if __name__ == "__main__":
    URI, MODE = sys.argv[1:]
    asyncio.run({"work": work, "lost": lost}[MODE](URI))
