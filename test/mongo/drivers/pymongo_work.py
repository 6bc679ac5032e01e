"""What bots do with pymongo, on the server of the URI: a line of JSON for each check.

Arguments: the URI, and either `work` or `lost`. In `lost`, somebody loses acknowledgements on the way.
"""

import sys
import time

from checks import PROJECT_KINDS, VALUES, changed, say
from pymongo import ASCENDING, DeleteOne, InsertOne, MongoClient, ReturnDocument, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    DuplicateKeyError,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
)


def attempt(name, function):
    try:
        say(name, function())
    except Exception as error:
        say(name, {"unexpected": f"{type(error).__name__}: {error}"})


def refused(function):
    """What the server has against it."""
    try:
        function()
    except OperationFailure as error:
        return error
    raise AssertionError("it was not refused")


# ---------------------------------------------------------------- work


def types(db):
    db.types.insert_one({"_id": 1, **VALUES})
    found = db.types.find_one({"_id": 1})
    kinds = next(db.types.aggregate([{"$project": PROJECT_KINDS}]))
    return {"changed": changed(found), "kinds": kinds}


def batches(db):
    db.things.insert_many([{"_id": n, "n": n % 10} for n in range(250)])
    read = [thing["_id"] for thing in db.things.find().sort("_id", -1).batch_size(40)]
    return {"read": len(read), "inOrder": read == list(range(249, -1, -1))}


def bulk_write(db):
    db.bulk.insert_many([{"_id": 1, "n": 0}, {"_id": 2, "n": 0}])
    result = db.bulk.bulk_write(
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
        "left": [thing["_id"] for thing in db.bulk.find().sort("_id", 1)],
    }


def bulk_error(db):
    db.unordered.insert_one({"_id": 1})
    try:
        db.unordered.bulk_write([InsertOne({"_id": n}) for n in (0, 1, 2)], ordered=False)
    except BulkWriteError as error:
        (failed,) = error.details["writeErrors"]
        return {
            "code": failed["code"],
            "index": failed["index"],
            "stored": db.unordered.count_documents({}),
        }


def duplicate_key(db):
    db.users.create_index("email", unique=True)
    db.users.insert_one({"email": "ann@example.org"})
    try:
        db.users.insert_one({"email": "ann@example.org"})
    except DuplicateKeyError as error:
        return {key: error.details[key] for key in ("code", "keyPattern", "keyValue")}


def find_and_modify(db):
    db.jobs.insert_many([{"_id": 1, "at": 5}, {"_id": 2, "at": 3}])
    first = db.jobs.find_one_and_update({}, {"$set": {"by": "me"}}, sort=[("at", ASCENDING)])
    new = db.jobs.find_one_and_update(
        {"_id": 3}, {"$inc": {"at": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    replaced = db.jobs.find_one_and_replace({"_id": 1}, {"at": 9})
    deleted = db.jobs.find_one_and_delete({"by": "me"})
    return {
        "first": first,
        "new": new,
        "replaced": replaced,
        "deleted": deleted,
        "none": db.jobs.find_one_and_delete({"_id": 99}),
    }


def aggregation(db):
    db.buyers.insert_many([{"_id": 1, "name": "Ann"}, {"_id": 2, "name": "Bob"}])
    db.orders.insert_many([{"buyer": n % 2 + 1, "cents": 100 * n} for n in range(1, 6)])
    pipeline = [
        {"$match": {"cents": {"$gt": 100}}},
        {"$lookup": {"from": "buyers", "localField": "buyer", "foreignField": "_id", "as": "buyer"}},
        {"$unwind": "$buyer"},
        {"$group": {"_id": "$buyer.name", "cents": {"$sum": "$cents"}, "orders": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]
    return list(db.orders.aggregate(pipeline))


def indexes(db):
    db.indexed.create_index("email", unique=True)
    db.indexed.create_index("at", expireAfterSeconds=3600)
    db.indexed.create_index(
        [("chat", 1), ("open", -1)],
        name="open",
        unique=True,
        partialFilterExpression={"open": True},
    )
    # Closed ones may be many in a chat, open ones may not.
    db.indexed.insert_many([{"chat": 1, "open": False, "email": n} for n in "ab"])
    db.indexed.insert_one({"chat": 1, "open": True, "email": "c"})
    code = refused(lambda: db.indexed.insert_one({"chat": 1, "open": True, "email": "d"})).code
    listed = {}
    for index in db.indexed.list_indexes():
        described = dict(index)
        name = described.pop("name")
        described.pop("v")
        listed[name] = {**described, "key": list(described["key"].items())}
    return {"code": code, "listed": listed}


def transactions(client, db):
    accounts = db.accounts
    accounts.insert_many([{"_id": "a", "cents": 100}, {"_id": "b", "cents": 0}])

    def move(session, cents):
        accounts.update_one({"_id": "a"}, {"$inc": {"cents": -cents}}, session=session)
        accounts.update_one({"_id": "b"}, {"$inc": {"cents": cents}}, session=session)

    def left():
        return [account["cents"] for account in accounts.find().sort("_id", 1)]

    with client.start_session() as session:
        try:
            with session.start_transaction():
                move(session, 30)
                inside = accounts.find_one({"_id": "a"}, session=session)
                outside = accounts.find_one({"_id": "a"})
        except OperationFailure as error:
            return {"code": error.code}
        committed = left()
        session.start_transaction()
        move(session, 50)
        session.abort_transaction()
        aborted = left()
    with client.start_session() as one, client.start_session() as other:
        one.start_transaction()
        move(one, 1)
        other.start_transaction()
        conflict = refused(lambda: move(other, 2))
        other.abort_transaction()
        one.commit_transaction()
    again = client.start_session()
    again.with_transaction(lambda session: move(session, 5))
    again.end_session()
    return {
        "inside": inside["cents"],
        "outside": outside["cents"],
        "committed": committed,
        "aborted": aborted,
        "conflict": {
            "code": conflict.code,
            "transient": conflict.has_error_label("TransientTransactionError"),
        },
        "left": left(),
    }


def retryable_write(db):
    """The server, or somebody before it, refuses the first update of all with error 91."""
    db.retried.insert_one({"_id": 1, "n": 0})
    try:
        db.retried.update_one({"_id": 1}, {"$inc": {"n": 1}})
        outcome = "ok"
    except (OperationFailure, NotPrimaryError) as error:
        outcome = error.details["code"]
    return {"outcome": outcome, "n": db.retried.find_one({"_id": 1})["n"]}


def sessions(client, db):
    with client.start_session(causal_consistency=True) as session:
        db.sessions.insert_one({"_id": 1, "step": "name"}, session=session)
        found = db.sessions.find_one({"_id": 1}, session=session)
        ended_before = session.has_ended
    return {"found": found, "ended": [ended_before, session.has_ended]}


def login(uri):
    logins = {}
    for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256"):
        with MongoClient(uri, authMechanism=mechanism) as other:
            logins[mechanism] = other.admin.command("ping")["ok"]
    with MongoClient(uri, password="wrong") as other:
        logins["wrong"] = refused(lambda: other.admin.command("ping")).code
    return logins


def work(uri):
    client = MongoClient(uri, appname="pymongo")
    db = client.work
    attempt("retryable write", lambda: retryable_write(db))
    attempt("types", lambda: types(db))
    attempt("batches", lambda: batches(db))
    attempt("bulk write", lambda: bulk_write(db))
    attempt("bulk write with an error", lambda: bulk_error(db))
    attempt("duplicate key", lambda: duplicate_key(db))
    attempt("findAndModify", lambda: find_and_modify(db))
    attempt("aggregation", lambda: aggregation(db))
    attempt("indexes", lambda: indexes(db))
    attempt("transactions", lambda: transactions(client, db))
    attempt("sessions", lambda: sessions(client, db))
    attempt("login", lambda: login(uri))
    client.close()


# ---------------------------------------------------------------- lost acknowledgements


def lost(uri):
    client = MongoClient(uri, appname="pymongo")
    db = client.lost
    add = {"$inc": {"n": 1}}

    def tell(name, function, count=None, again=None):
        """What the application hears of it, and how often it was applied."""
        began = time.monotonic()
        try:
            function()
            outcome, labels = "ok", []
        except PyMongoError as error:
            outcome = type(error).__name__
            labels = ["RetryableWriteError"] if error.has_error_label("RetryableWriteError") else []
        ms = round(1000 * (time.monotonic() - began))
        told = {"outcome": outcome, "labels": labels, "ms": ms}
        if count is not None:
            told["applied"] = count()
        if outcome != "ok" and again is not None:
            again()
            told["appliedAfterRetry"] = count()
        say(name, told)

    def increment(name, function):
        db[name].insert_one({"_id": 1, "n": 0})

        def run():
            return function(db[name])

        tell(name, run, lambda: db[name].find_one({"_id": 1})["n"], again=run)

    increment("updateOne", lambda things: things.update_one({"_id": 1}, add))
    increment("findOneAndUpdate", lambda things: things.find_one_and_update({"_id": 1}, add))
    increment("bulkWrite", lambda things: things.bulk_write([UpdateOne({"_id": 1}, add)]))
    increment("updateMany", lambda things: things.update_many({}, add))

    def insert():
        return db.insertOne.insert_one({"n": 1})

    tell("insertOne", insert, lambda: db.insertOne.count_documents({}), again=insert)

    db.find.insert_one({"_id": 1})
    tell("find", lambda: db.find.find_one({"_id": 1}))
    db.getMore.insert_many([{"_id": n} for n in range(10)])
    tell("getMore", lambda: list(db.getMore.find().batch_size(4)))

    if "replicaSet" in uri:
        increment("twice", lambda things: things.update_one({"_id": 1}, add))
        db.commitTransaction.insert_one({"_id": 1, "n": 0})
        with client.start_session() as session:
            session.start_transaction()
            db.commitTransaction.update_one({"_id": 1}, add, session=session)

            def count():
                return db.commitTransaction.find_one({"_id": 1})["n"]

            tell("commitTransaction", session.commit_transaction, count)
    client.close()


if __name__ == "__main__":
    URI, MODE = sys.argv[1:]
    {"work": work, "lost": lost}[MODE](URI)
