package main

import (
	"context"
	"errors"
	"reflect"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func decimal(text string) bson.Decimal128 { return must(bson.ParseDecimal128(text)) }

func objectID(text string) bson.ObjectID { return must(bson.ObjectIDFromHex(text)) }

func work(ctx context.Context, client *mongo.Client, uri string) {
	db := client.Database("work")
	attempt("retryable write", func() any { return retryableWrite(ctx, db.Collection("retried")) })
	attempt("types", func() any { return types(ctx, db.Collection("types")) })
	attempt("batches", func() any { return batches(ctx, db.Collection("things")) })
	attempt("bulk write", func() any { return bulkWrite(ctx, db.Collection("bulk")) })
	attempt("bulk write with an error", func() any { return bulkError(ctx, db.Collection("unordered")) })
	attempt("duplicate key", func() any { return duplicateKey(ctx, db.Collection("users")) })
	attempt("findAndModify", func() any { return findAndModify(ctx, db.Collection("jobs")) })
	attempt("aggregation", func() any { return aggregation(ctx, db) })
	attempt("indexes", func() any { return indexes(ctx, db.Collection("indexed")) })
	attempt("transactions", func() any { return transactions(ctx, client, db.Collection("accounts")) })
	attempt("sessions", func() any { return sessions(ctx, client, db.Collection("sessions")) })
	attempt("login", func() any { return login(ctx, uri) })
}

func types(ctx context.Context, things *mongo.Collection) any {
	values := bson.D{
		{Key: "double", Value: 1.0},
		{Key: "string", Value: "ключ \U0001f511"},
		{Key: "object", Value: bson.D{{Key: "b", Value: int32(1)}, {Key: "a", Value: bson.D{{Key: "c", Value: nil}}}}},
		{Key: "array", Value: bson.A{int32(1), "two", bson.A{int32(3)}}},
		{Key: "binData", Value: bson.Binary{Data: []byte{0, 255}}},
		{Key: "uuid", Value: bson.Binary{Subtype: 4, Data: make([]byte, 16)}},
		{Key: "objectId", Value: objectID("65f000000000000000000001")},
		{Key: "bool", Value: true},
		{Key: "date", Value: bson.NewDateTimeFromTime(time.Date(2026, 11, 22, 10, 0, 0, 123_000_000, time.UTC))},
		{Key: "null", Value: nil},
		{Key: "regex", Value: bson.Regex{Pattern: "^a.b$", Options: "i"}},
		{Key: "javascript", Value: bson.JavaScript("function () {}")},
		{Key: "int", Value: int32(2147483647)},
		{Key: "timestamp", Value: bson.Timestamp{T: 5, I: 6}},
		{Key: "long", Value: int64(5)},
		{Key: "large", Value: int64(9007199254740993)},
		{Key: "decimal", Value: decimal("0.10")},
		{Key: "minKey", Value: bson.MinKey{}},
		{Key: "maxKey", Value: bson.MaxKey{}},
	}
	must(things.InsertOne(ctx, append(bson.D{{Key: "_id", Value: 1}}, values...)))
	var back bson.D
	must(0, things.FindOne(ctx, bson.D{{Key: "_id", Value: 1}}).Decode(&back))
	changed := []string{}
	project := bson.D{{Key: "_id", Value: 0}}
	for _, given := range values {
		if !reflect.DeepEqual(field(back, given.Key), given.Value) {
			changed = append(changed, given.Key)
		}
		project = append(project, bson.E{Key: given.Key, Value: bson.D{{Key: "$type", Value: "$" + given.Key}}})
	}
	cursor, err := things.Aggregate(ctx, mongo.Pipeline{{{Key: "$project", Value: project}}})
	return fact{"changed": changed, "kinds": plain(all(ctx, cursor, err)[0])}
}

func batches(ctx context.Context, things *mongo.Collection) any {
	documents := []any{}
	for n := range 250 {
		documents = append(documents, bson.D{{Key: "_id", Value: n}})
	}
	must(things.InsertMany(ctx, documents))
	order := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetBatchSize(40)
	cursor, err := things.Find(ctx, bson.D{}, order)
	read := all(ctx, cursor, err)
	inOrder := true
	for n, document := range read {
		inOrder = inOrder && field(document, "_id") == int32(249-n)
	}
	return fact{"read": len(read), "inOrder": inOrder}
}

func bulkWrite(ctx context.Context, things *mongo.Collection) any {
	must(things.InsertMany(ctx, []any{bson.M{"_id": 1, "n": 0}, bson.M{"_id": 2, "n": 0}}))
	result := must(things.BulkWrite(ctx, []mongo.WriteModel{
		mongo.NewInsertOneModel().SetDocument(bson.M{"_id": 3, "n": 0}),
		mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": 1}).SetUpdate(bson.M{"$inc": bson.M{"n": 5}}),
		mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": 4}).SetUpdate(bson.M{"$set": bson.M{"n": 7}}).SetUpsert(true),
		mongo.NewDeleteOneModel().SetFilter(bson.M{"_id": 2}),
	}))
	cursor, err := things.Find(ctx, bson.D{}, options.Find().SetSort(bson.M{"_id": 1}))
	return fact{
		"inserted": result.InsertedCount,
		"modified": result.ModifiedCount,
		"upserted": result.UpsertedCount,
		"deleted":  result.DeletedCount,
		"left":     ids(all(ctx, cursor, err)),
	}
}

func bulkError(ctx context.Context, things *mongo.Collection) any {
	must(things.InsertOne(ctx, bson.M{"_id": 1}))
	models := []mongo.WriteModel{}
	for n := range 3 {
		models = append(models, mongo.NewInsertOneModel().SetDocument(bson.M{"_id": n}))
	}
	_, err := things.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
	var failed mongo.BulkWriteException
	if !errors.As(err, &failed) || len(failed.WriteErrors) != 1 {
		return err
	}
	stored := must(things.CountDocuments(ctx, bson.D{}))
	return fact{"code": failed.WriteErrors[0].Code, "index": failed.WriteErrors[0].Index, "stored": stored}
}

func duplicateKey(ctx context.Context, things *mongo.Collection) any {
	unique := mongo.IndexModel{Keys: bson.M{"email": 1}, Options: options.Index().SetUnique(true)}
	must(things.Indexes().CreateOne(ctx, unique))
	ann := bson.M{"email": "ann@example.org"}
	must(things.InsertOne(ctx, ann))
	_, err := things.InsertOne(ctx, ann)
	var failed mongo.WriteException
	if !mongo.IsDuplicateKeyError(err) || !errors.As(err, &failed) {
		return err
	}
	var raw bson.D
	must(0, bson.Unmarshal(failed.WriteErrors[0].Raw, &raw))
	return fact{
		"code":       failed.WriteErrors[0].Code,
		"keyPattern": plain(field(raw, "keyPattern")),
		"keyValue":   plain(field(raw, "keyValue")),
	}
}

func findAndModify(ctx context.Context, things *mongo.Collection) any {
	must(things.InsertMany(ctx, []any{bson.M{"_id": 1, "at": 5}, bson.M{"_id": 2, "at": 3}}))
	earliest := options.FindOneAndUpdate().SetSort(bson.M{"at": 1})
	first := found(things.FindOneAndUpdate(ctx, bson.D{}, bson.M{"$set": bson.M{"by": "me"}}, earliest))
	after := options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)
	fresh := found(things.FindOneAndUpdate(ctx, bson.M{"_id": 3}, bson.M{"$inc": bson.M{"at": 1}}, after))
	return fact{
		"first":    first,
		"new":      fresh,
		"replaced": found(things.FindOneAndReplace(ctx, bson.M{"_id": 1}, bson.M{"at": 9})),
		"deleted":  found(things.FindOneAndDelete(ctx, bson.M{"by": "me"})),
		"none":     found(things.FindOneAndDelete(ctx, bson.M{"_id": 99})),
	}
}

func aggregation(ctx context.Context, db *mongo.Database) any {
	must(db.Collection("buyers").InsertMany(ctx, []any{
		bson.M{"_id": 1, "name": "Ann"}, bson.M{"_id": 2, "name": "Bob"},
	}))
	orders := []any{}
	for n := 1; n <= 5; n++ {
		orders = append(orders, bson.M{"buyer": n%2 + 1, "cents": 100 * n})
	}
	must(db.Collection("orders").InsertMany(ctx, orders))
	join := bson.M{"from": "buyers", "localField": "buyer", "foreignField": "_id", "as": "buyer"}
	group := bson.M{"_id": "$buyer.name", "cents": bson.M{"$sum": "$cents"}, "orders": bson.M{"$sum": 1}}
	cursor, err := db.Collection("orders").Aggregate(ctx, []bson.M{
		{"$match": bson.M{"cents": bson.M{"$gt": 100}}},
		{"$lookup": join},
		{"$unwind": "$buyer"},
		{"$group": group},
		{"$sort": bson.M{"_id": 1}},
	})
	groups := []any{}
	for _, document := range all(ctx, cursor, err) {
		groups = append(groups, plain(document))
	}
	return groups
}

func indexes(ctx context.Context, things *mongo.Collection) any {
	must(things.Indexes().CreateMany(ctx, []mongo.IndexModel{
		{Keys: bson.M{"email": 1}, Options: options.Index().SetUnique(true)},
		{Keys: bson.M{"at": 1}, Options: options.Index().SetExpireAfterSeconds(3600)},
		{
			Keys: bson.D{{Key: "chat", Value: 1}, {Key: "open", Value: -1}},
			Options: options.Index().SetName("open").SetUnique(true).
				SetPartialFilterExpression(bson.M{"open": true}),
		},
	}))
	// Closed ones may be many in a chat, open ones may not.
	one := func(open bool, email string) any { return bson.M{"chat": 1, "open": open, "email": email} }
	must(things.InsertMany(ctx, []any{one(false, "a"), one(false, "b"), one(true, "c")}))
	_, err := things.InsertOne(ctx, one(true, "d"))
	listed := fact{}
	cursor, listErr := things.Indexes().List(ctx)
	for _, index := range all(ctx, cursor, listErr) {
		described := plain(index).(fact)
		keys := []any{}
		for _, element := range field(index, "key").(bson.D) {
			keys = append(keys, []any{element.Key, element.Value})
		}
		described["key"] = keys
		delete(described, "v")
		delete(described, "name")
		listed[field(index, "name").(string)] = described
	}
	return fact{"code": codeOf(err), "listed": listed}
}

func transactions(ctx context.Context, client *mongo.Client, accounts *mongo.Collection) any {
	must(accounts.InsertMany(ctx, []any{bson.M{"_id": "a", "cents": 100}, bson.M{"_id": "b", "cents": 0}}))
	move := func(ctx context.Context, cents int) error {
		if _, err := accounts.UpdateByID(ctx, "a", bson.M{"$inc": bson.M{"cents": -cents}}); err != nil {
			return err
		}
		_, err := accounts.UpdateByID(ctx, "b", bson.M{"$inc": bson.M{"cents": cents}})
		return err
	}
	left := func() any {
		return []any{number(ctx, accounts, "a", "cents"), number(ctx, accounts, "b", "cents")}
	}
	begin := func() (context.Context, *mongo.Session) {
		session := must(client.StartSession())
		must(0, session.StartTransaction())
		return mongo.NewSessionContext(ctx, session), session
	}
	within, session := begin()
	if err := move(within, 30); err != nil {
		return fact{"code": codeOf(err)}
	}
	inside, outside := number(within, accounts, "a", "cents"), number(ctx, accounts, "a", "cents")
	must(0, session.CommitTransaction(within))
	committed := left()
	must(0, session.StartTransaction())
	must(0, move(within, 50))
	must(0, session.AbortTransaction(within))
	aborted := left()
	session.EndSession(ctx)

	within, session = begin()
	must(0, move(within, 1))
	elsewhere, other := begin()
	conflict := move(elsewhere, 2)
	must(0, other.AbortTransaction(elsewhere))
	must(0, session.CommitTransaction(within))
	other.EndSession(ctx)
	must(session.WithTransaction(ctx, func(within context.Context) (any, error) { return nil, move(within, 5) }))
	session.EndSession(ctx)
	var labeled mongo.LabeledError
	return fact{
		"inside":    inside,
		"outside":   outside,
		"committed": committed,
		"aborted":   aborted,
		"conflict": fact{
			"code":      codeOf(conflict),
			"transient": errors.As(conflict, &labeled) && labeled.HasErrorLabel("TransientTransactionError"),
		},
		"left": left(),
	}
}

// The server, or somebody before it, refuses the first update of all with error 91.
func retryableWrite(ctx context.Context, things *mongo.Collection) any {
	must(things.InsertOne(ctx, bson.M{"_id": 1, "n": 0}))
	var outcome any = "ok"
	if _, err := things.UpdateByID(ctx, 1, bson.M{"$inc": bson.M{"n": 1}}); err != nil {
		outcome = codeOf(err)
	}
	return fact{"outcome": outcome, "n": number(ctx, things, 1, "n")}
}

func sessions(ctx context.Context, client *mongo.Client, things *mongo.Collection) any {
	session := must(client.StartSession(options.Session().SetCausalConsistency(true)))
	within := mongo.NewSessionContext(ctx, session)
	must(things.InsertOne(within, bson.M{"_id": 1, "step": "name"}))
	read := found(things.FindOne(within, bson.M{"_id": 1}))
	session.EndSession(ctx)
	_, err := things.InsertOne(within, bson.M{"_id": 2})
	return fact{"found": read, "ended": []any{false, err != nil}}
}

func login(ctx context.Context, uri string) any {
	logins := fact{}
	for _, mechanism := range []string{"SCRAM-SHA-1", "SCRAM-SHA-256"} {
		other := connect(uri, &options.Credential{AuthMechanism: mechanism})
		logins[mechanism] = found(other.Database("admin").RunCommand(ctx, bson.M{"ping": 1})).(fact)["ok"]
		must(0, other.Disconnect(ctx))
	}
	other := connect(uri, &options.Credential{Password: "wrong"})
	logins["wrong"] = codeOf(other.Database("admin").RunCommand(ctx, bson.M{"ping": 1}).Err())
	must(0, other.Disconnect(ctx))
	return logins
}
