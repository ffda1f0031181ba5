// What the runtime and the library of Go do with a host: timers, goroutines, standard input, files, directories.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"text/template"
	"time"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Sleepers sleep beside each other and each at least as long as it said; a pipeline of 1,000 goroutines adds up.
func goroutines() {
	start := time.Now()
	ended := make(chan bool)
	for tenths := range 4 {
		go func() {
			began, length := time.Now(), time.Duration(tenths)*100*time.Millisecond
			time.Sleep(length)
			ended <- time.Since(began) >= length
		}()
	}
	fmt.Println(<-ended, <-ended, <-ended, <-ended, time.Since(start) >= 300*time.Millisecond)

	first := make(chan int)
	last := first
	for range 1000 {
		next := make(chan int)
		go func(from, to chan int) { to <- <-from + 1 }(last, next)
		last = next
	}
	first <- 0
	fmt.Println(<-last)

	var sum int
	var lock sync.Mutex
	var all sync.WaitGroup
	for number := range 100 {
		all.Add(1)
		go func() {
			defer all.Done()
			time.Sleep(time.Duration(number%7) * time.Millisecond)
			lock.Lock()
			defer lock.Unlock()
			sum += number
		}()
	}
	all.Wait()
	fmt.Println(sum)
}

func timers() {
	ticker := time.NewTicker(2 * time.Millisecond)
	start := time.Now()
	for range 20 {
		<-ticker.C
	}
	ticker.Stop()
	fmt.Println(time.Since(start) >= 30*time.Millisecond)
	within, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	select {
	case <-within.Done():
		fmt.Println(within.Err())
	case <-time.After(time.Hour):
		fmt.Println("an hour")
	}
	stopped := time.AfterFunc(time.Hour, func() { panic("it was stopped") })
	fmt.Println(stopped.Stop(), time.Now().Year() > 2020)
}

// Lines come from standard input while a timer runs beside it.
func input() {
	lines := bufio.NewScanner(os.Stdin)
	count, digest := 0, sha256.New()
	for lines.Scan() {
		count++
		digest.Write(lines.Bytes())
	}
	fmt.Printf("%d %x\n", count, digest.Sum(nil)[:8])
}

func directory() {
	must(os.MkdirAll("many/deeper", 0o755))
	for number := range 300 {
		must(os.WriteFile(fmt.Sprintf("many/entry-%03d", number), []byte(fmt.Sprint(number)), 0o644))
	}
	entries, err := os.ReadDir("many")
	must(err)
	fmt.Println(len(entries), entries[0].Name(), entries[1].Name(), entries[300].Name(), entries[0].IsDir())

	// A few at a time, and each deleted before the next few.
	open, err := os.Open("many")
	must(err)
	var names []string
	for {
		some, err := open.Readdirnames(7)
		if errors.Is(err, io.EOF) {
			break
		}
		must(err)
		for _, name := range some {
			must(os.Remove("many/" + name))
		}
		names = append(names, some...)
	}
	must(open.Close())
	sort.Strings(names)
	left, err := os.ReadDir("many")
	must(err)
	fmt.Println(len(names), names[300], len(left))
	must(os.RemoveAll("many"))
	_, err = os.Stat("many")
	fmt.Println(errors.Is(err, fs.ErrNotExist))
}

func files() {
	file, err := os.Create("gone")
	must(err)
	_, err = file.WriteString("still here")
	must(err)
	must(os.Remove("gone"))
	_, err = os.Stat("gone")
	text := make([]byte, 4)
	_, failed := file.ReadAt(text, 6)
	fmt.Println(errors.Is(err, fs.ErrNotExist), string(text), failed)
	must(file.Truncate(3))
	info, err := file.Stat()
	must(err)
	fmt.Println(info.Size(), file.Close())

	must(os.WriteFile("times", nil, 0o644))
	changed := time.Unix(1_234_567_890, 123_456_789)
	must(os.Chtimes("times", time.Unix(1, 0), changed))
	info, err = os.Stat("times")
	must(err)
	fmt.Println(info.ModTime().Equal(changed), info.Mode().IsRegular())

	must(os.Symlink("times", "link"))
	to, err := os.Readlink("link")
	must(err)
	info, err = os.Lstat("link")
	must(err)
	fmt.Println(to, info.Mode()&fs.ModeSymlink != 0)
	must(os.Rename("times", "renamed"))
	_, err = os.Stat("link")
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	must(os.Link("renamed", "hard"))
	one, err := os.Stat("renamed")
	must(err)
	other, err := os.Stat("hard")
	must(err)
	fmt.Println(os.SameFile(one, other))
	_, err = os.OpenFile("hard", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	fmt.Println(errors.Is(err, fs.ErrExist), errors.Is(os.Remove("missing"), fs.ErrNotExist))
	appended, err := os.OpenFile("log", os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o644)
	must(err)
	fmt.Fprint(appended, "one ")
	_, err = appended.Seek(0, io.SeekStart)
	must(err)
	fmt.Fprint(appended, "two")
	must(appended.Sync())
	must(appended.Close())
	log, err := os.ReadFile("log")
	must(err)
	fmt.Println(string(log))
}

func tree() {
	for number := range 40 {
		place := filepath.Join("tree", strings.Repeat("d/", number%5), fmt.Sprint("f", number))
		must(os.MkdirAll(filepath.Dir(place), 0o755))
		must(os.WriteFile(place, bytes.Repeat([]byte{byte(number)}, number*100), 0o644))
	}
	var folders, total int64
	must(filepath.WalkDir("tree", func(_ string, entry fs.DirEntry, err error) error {
		must(err)
		if entry.IsDir() {
			folders++
			return nil
		}
		info, err := entry.Info()
		must(err)
		total += info.Size()
		return nil
	}))
	fmt.Println(folders, total)
	must(os.CopyFS("copy", os.DirFS("tree")))
	found, err := filepath.Glob("copy/d/d/f*")
	must(err)
	fmt.Println(len(found), found[0])
	temporary, err := os.MkdirTemp(".", "temporary-*")
	must(err)
	file, err := os.CreateTemp(temporary, "*.gz")
	must(err)
	packed := gzip.NewWriter(file)
	_, err = packed.Write(bytes.Repeat([]byte("text "), 100_000))
	must(err)
	must(packed.Close())
	_, err = file.Seek(0, io.SeekStart)
	must(err)
	unpacked, err := gzip.NewReader(file)
	must(err)
	length, err := io.Copy(io.Discard, unpacked)
	must(err)
	fmt.Println(length, file.Close(), os.RemoveAll(temporary))
}

func text() {
	var value struct {
		Names []string           `json:"names"`
		Sums  map[string]float64 `json:"sums"`
	}
	must(json.Unmarshal([]byte(`{"names": ["b", "a"], "sums": {"y": 2.5, "x": 1e3}}`), &value))
	out, err := json.Marshal(value)
	must(err)
	fmt.Println(string(out))
	page := template.Must(template.New("page").Parse("{{range $i, $n := .Names}}{{$i}}={{$n}} {{end}}{{printf \"%q\" .Sums}}\n"))
	must(page.Execute(os.Stdout, value))
	fmt.Println(os.Args[1:], os.Getenv("GREETING"))
	defer func() { fmt.Println("recovered:", recover()) }()
	var nowhere *struct{ field int }
	fmt.Println(nowhere.field)
}

func main() {
	goroutines()
	timers()
	input()
	directory()
	files()
	tree()
	text()
	os.Exit(7)
}
