// Checks a receipt with golang.org/x/mod/sumdb (package note, package tlog), the implementation
// from which the public formats of transparency logs grew. Nothing in it is ours but this file.
//
//	outsider FOLDER KEY RECEIPT [OLDER]
//
// FOLDER holds `checkpoint` and `tile/...` as they are served under /log.
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type files struct{ folder string }

func (f files) Height() int { return 8 }

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// The older form names the height first; the formats are the same otherwise.
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.folder, name))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func must(err error, what string) {
	if err != nil {
		fmt.Println("WRONG", what, err)
		os.Exit(1)
	}
}

func open(text []byte, key string) tlog.Tree {
	verifier, err := note.NewVerifier(key)
	must(err, "key")
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err, "signature")
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "root")
	return tlog.Tree{N: size, Hash: root}
}

type place struct {
	Text    string   `json:"text"`
	Salt    string   `json:"salt"`
	Index   int64    `json:"index"`
	Path    []string `json:"log_path"`
	Counted *place   `json:"counted"`
}

func (p place) check(tree tlog.Tree, reader tlog.HashReader, entry []byte) {
	var given tlog.RecordProof
	for _, one := range p.Path {
		hash, err := tlog.ParseHash(one)
		must(err, "path")
		given = append(given, hash)
	}
	must(tlog.CheckRecord(given, tree.N, tree.Hash, p.Index, tlog.RecordHash(entry)), "path in the receipt")
	made, err := tlog.ProveRecord(tree.N, p.Index, reader)
	must(err, "tiles")
	must(tlog.CheckRecord(made, tree.N, tree.Hash, p.Index, tlog.RecordHash(entry)), "path from the tiles")
}

func main() {
	folder, key := os.Args[1], os.Args[2]
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err, "checkpoint")
	tree := open(signed, key)
	reader := tlog.TileHashReader(tree, files{folder})
	text, err := os.ReadFile(os.Args[3])
	must(err, "receipt")
	var receipt struct {
		Checkpoint string  `json:"checkpoint"`
		Events     []place `json:"events"`
	}
	must(json.Unmarshal(text, &receipt), "receipt")
	if own := open([]byte(receipt.Checkpoint), key); own != tree {
		must(fmt.Errorf("it is another one"), "the receipt's checkpoint")
	}
	for _, event := range receipt.Events {
		salt, err := base64.StdEncoding.DecodeString(event.Salt)
		must(err, "salt")
		commitment := sha256.Sum256(append(salt, event.Text...))
		event.check(tree, reader, append([]byte{1}, commitment[:]...))
		if event.Counted != nil {
			event.Counted.check(tree, reader, append([]byte{2}, event.Counted.Text...))
		}
	}
	if len(os.Args) > 4 {
		older, err := os.ReadFile(os.Args[4])
		must(err, "older checkpoint")
		before := open(older, key)
		path, err := tlog.ProveTree(tree.N, before.N, reader)
		must(err, "tiles")
		must(tlog.CheckTree(path, tree.N, tree.Hash, before.N, before.Hash), "growth")
	}
	fmt.Println("good", len(receipt.Events), "events of", tree.N, "leaves")
}
