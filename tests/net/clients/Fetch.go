// A client that knows of no proxy: "fetch URL" prints status and body, "fetch HOST PORT [TEXT]" sends TEXT by plain
// TCP and prints the first that comes.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "fetch:", err)
		os.Exit(1)
	}
}

func get(url string) {
	client := http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{}}
	answer, err := client.Get(url)
	fail(err)
	body, err := io.ReadAll(answer.Body)
	fail(err)
	fmt.Printf("%d\n%s", answer.StatusCode, body)
}

func talk(host, port, text string) {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), 15*time.Second)
	fail(err)
	fail(conn.SetDeadline(time.Now().Add(15 * time.Second)))
	_, err = io.WriteString(conn, text)
	fail(err)
	first := make([]byte, 4096)
	n, err := conn.Read(first)
	fail(err)
	fmt.Printf("%s", first[:n])
}

func main() {
	switch len(os.Args) {
	case 2:
		get(os.Args[1])
	case 3, 4:
		talk(os.Args[1], os.Args[2], append(os.Args, "")[3])
	default:
		fmt.Fprintln(os.Stderr, "usage: fetch URL | fetch HOST PORT [TEXT]")
		os.Exit(2)
	}
}
