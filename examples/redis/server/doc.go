// Package server serves a keyspace that is split over the workers of a group.
//
// A worker is a loop with a listener of its own and a shard of the keys. A connection lives on
// the worker that has accepted it. What it asks for of that worker's keys is done at once, and
// the replies of all that it has sent are written together. A command for a key of another
// shard becomes a part of a parcel: one for each shard, with all that a pipeline has for it.
// The parcels go out together, are worked through where the keys are, and come back with the
// replies, which are then put in the order of the commands.
//
// The files: server.go and worker.go have what there is one of, in the process and per worker;
// session.go is a connection, flight.go what it has under way, batch.go the requests that are
// read together, route.go where a command goes; parcel.go and gather.go are commands elsewhere,
// lend.go is commands whose keys must be in one place; journal.go is the append-only file;
// client.go, configure.go, info.go and hello.go are commands of the server's own.
package server
