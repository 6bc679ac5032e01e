// What bots do with the MongoDB driver for Go, on the server of the URI: a line of JSON for each check.
// Arguments: the URI, and either work or lost. In lost, somebody loses acknowledgements on the way.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A fact is what a check found out, as JSON has it.
type fact = map[string]any

func say(name string, got any) {
	line, err := json.Marshal(fact{"check": name, "got": got})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

// must ends the check that it is called in.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func attempt(name string, check func() any) {
	defer func() {
		if problem := recover(); problem != nil {
			say(name, fact{"unexpected": fmt.Sprint(problem)})
		}
	}()
	say(name, check())
}

// codeOf returns what the server has against it, or 0.
func codeOf(err error) int {
	var refused mongo.ServerError
	if errors.As(err, &refused) {
		if codes := refused.ErrorCodes(); len(codes) > 0 {
			return codes[0]
		}
	}
	return 0
}

// found reads one document of a query.
func found(result *mongo.SingleResult) any {
	var document bson.D
	err := result.Decode(&document)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	must(0, err)
	return plain(document)
}

// plain makes JSON of a document.
func plain(value any) any {
	switch value := value.(type) {
	case bson.D:
		object := fact{}
		for _, field := range value {
			object[field.Key] = plain(field.Value)
		}
		return object
	case bson.A:
		list := []any{}
		for _, element := range value {
			list = append(list, plain(element))
		}
		return list
	default:
		return value
	}
}

// all reads a cursor to its end.
func all(ctx context.Context, cursor *mongo.Cursor, err error) []bson.D {
	documents := []bson.D{}
	must(0, must(cursor, err).All(ctx, &documents))
	return documents
}

func ids(documents []bson.D) []any {
	list := []any{}
	for _, document := range documents {
		list = append(list, field(document, "_id"))
	}
	return list
}

func field(document bson.D, key string) any {
	for _, element := range document {
		if element.Key == key {
			return element.Value
		}
	}
	return nil
}

func number(ctx context.Context, things *mongo.Collection, id any, key string) any {
	return found(things.FindOne(ctx, bson.D{{Key: "_id", Value: id}})).(fact)[key]
}

func connect(uri string, login *options.Credential) *mongo.Client {
	given := options.Client().ApplyURI(uri).SetAppName("go")
	if login != nil {
		mine := *given.Auth
		if login.AuthMechanism != "" {
			mine.AuthMechanism = login.AuthMechanism
		}
		if login.Password != "" {
			mine.Password = login.Password
		}
		given.SetAuth(mine)
	}
	return must(mongo.Connect(given))
}

func main() {
	// Without a deadline, as bots have it: the driver retries more often when there is one.
	ctx := context.Background()
	uri, mode := os.Args[1], os.Args[2]
	client := connect(uri, nil)
	if mode == "work" {
		work(ctx, client, uri)
	} else {
		lost(ctx, client, uri)
	}
	must(0, client.Disconnect(ctx))
}
