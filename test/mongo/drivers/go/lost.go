package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A trial is a command whose acknowledgement is lost: run once, and once more if it fails and may be repeated.
type trial struct {
	name  string
	run   func() error
	count func() any
	again bool
}

// tell says what the application hears of it, and how often it was applied.
func (t trial) tell() {
	began := time.Now()
	err := t.run()
	told := fact{"outcome": "ok", "labels": []string{}, "ms": time.Since(began).Milliseconds()}
	if err != nil {
		told["outcome"] = typeName(err)
		var labeled mongo.LabeledError
		if errors.As(err, &labeled) && labeled.HasErrorLabel("RetryableWriteError") {
			told["labels"] = []string{"RetryableWriteError"}
		}
	}
	if t.count != nil {
		told["applied"] = t.count()
	}
	if err != nil && t.again {
		must(0, t.run())
		told["appliedAfterRetry"] = t.count()
	}
	say(t.name, told)
}

// typeName is the type of an error, with network in front of what the driver calls one.
func typeName(err error) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", err), "*")
	if mongo.IsNetworkError(err) {
		return name + " (network)"
	}
	return name
}

func lost(ctx context.Context, client *mongo.Client, uri string) {
	db := client.Database("lost")
	one, add := bson.M{"_id": 1}, bson.M{"$inc": bson.M{"n": 1}}

	increment := func(name string, run func(things *mongo.Collection) error) {
		things := db.Collection(name)
		must(things.InsertOne(ctx, bson.M{"_id": 1, "n": 0}))
		count := func() any { return number(ctx, things, 1, "n") }
		trial{name, func() error { return run(things) }, count, true}.tell()
	}
	updateOne := func(things *mongo.Collection) error {
		_, err := things.UpdateOne(ctx, one, add)
		return err
	}
	increment("updateOne", updateOne)
	increment("findOneAndUpdate", func(things *mongo.Collection) error {
		return things.FindOneAndUpdate(ctx, one, add).Err()
	})
	increment("bulkWrite", func(things *mongo.Collection) error {
		models := []mongo.WriteModel{mongo.NewUpdateOneModel().SetFilter(one).SetUpdate(add)}
		_, err := things.BulkWrite(ctx, models)
		return err
	})
	increment("updateMany", func(things *mongo.Collection) error {
		_, err := things.UpdateMany(ctx, bson.M{}, add)
		return err
	})

	inserted := db.Collection("insertOne")
	trial{
		"insertOne",
		func() error {
			_, err := inserted.InsertOne(ctx, bson.M{"n": 1})
			return err
		},
		func() any { return must(inserted.CountDocuments(ctx, bson.M{})) },
		true,
	}.tell()

	must(db.Collection("find").InsertOne(ctx, one))
	trial{name: "find", run: func() error { return db.Collection("find").FindOne(ctx, one).Err() }}.tell()

	documents := []any{}
	for n := range 10 {
		documents = append(documents, bson.M{"_id": n})
	}
	must(db.Collection("getMore").InsertMany(ctx, documents))
	trial{name: "getMore", run: func() error {
		cursor, err := db.Collection("getMore").Find(ctx, bson.M{}, options.Find().SetBatchSize(4))
		if err != nil {
			return err
		}
		return cursor.All(ctx, &[]bson.D{})
	}}.tell()

	if strings.Contains(uri, "replicaSet=") {
		increment("twice", updateOne)
		increment("twiceInTime", func(things *mongo.Collection) error {
			ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
			defer cancel()
			_, err := things.UpdateOne(ctx, one, add)
			return err
		})
		commit(ctx, client, db.Collection("commitTransaction"))
	}
}

func commit(ctx context.Context, client *mongo.Client, things *mongo.Collection) {
	must(things.InsertOne(ctx, bson.M{"_id": 1, "n": 0}))
	session := must(client.StartSession())
	defer session.EndSession(ctx)
	must(0, session.StartTransaction())
	within := mongo.NewSessionContext(ctx, session)
	must(things.UpdateByID(within, 1, bson.M{"$inc": bson.M{"n": 1}}))
	trial{
		name:  "commitTransaction",
		run:   func() error { return session.CommitTransaction(within) },
		count: func() any { return number(ctx, things, 1, "n") },
	}.tell()
}
