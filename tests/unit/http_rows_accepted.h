/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads that are taken: form, host, port, path, the bytes, and what is written for the server (NULL for CONNECT).
 * Those with the name of a program are what it really sends, without what does not matter here.
 */
/* clang-format off */

/* --- curl 7.88 ------------------------------------------------------------------------------ */
TAKEN(HTTP_ABSOLUTE, "example.com", 0, "/a?b=c",
      "GET http://example.com/a?b=c HTTP/1.1\r\nHost: example.com\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
      "Proxy-Connection: Keep-Alive\r\n\r\n",
      "GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nConnection: close\r\n\r\n"),
TAKEN(HTTP_ABSOLUTE, "example.com", 0, "/",
      "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nProxy-Connection: Keep-Alive\r\n"
      "Content-Length: 3\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 3\r\nConnection: close\r\n\r\n"),
TAKEN(HTTP_ABSOLUTE, "example.com", 0, "/up",
      "PUT http://example.com/up HTTP/1.1\r\nHost: example.com\r\nProxy-Connection: Keep-Alive\r\n"
      "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
      "PUT /up HTTP/1.1\r\nHost: example.com\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\n\r\n"),
TAKEN(HTTP_AUTHORITY, "example.com", 443, "",
      "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nUser-Agent: curl/7.88.1\r\n"
      "Proxy-Connection: Keep-Alive\r\n\r\n", NULL),
TAKEN(HTTP_ORIGIN, "127.0.0.1", 7801, "/x",
      "GET /x HTTP/1.1\r\nHost: 127.0.0.1:7801\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
      "GET /x HTTP/1.1\r\nHost: 127.0.0.1:7801\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nConnection: close\r\n\r\n"),

/* --- git 2.39, npm 11, pip 23, wget 1.21, apt 2.6 ------------------------------------------- */
TAKEN(HTTP_ABSOLUTE, "example.com", 0, "/r.git/info/refs?service=git-upload-pack",
      "GET http://example.com/r.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: example.com\r\n"
      "User-Agent: git/2.39.5\r\nAccept: */*\r\nAccept-Encoding: deflate, gzip, br, zstd\r\n"
      "Proxy-Connection: Keep-Alive\r\nAccept-Language: C, *;q=0.9\r\nPragma: no-cache\r\nGit-Protocol: version=2\r\n\r\n",
      "GET /r.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: example.com\r\nUser-Agent: git/2.39.5\r\n"
      "Accept: */*\r\nAccept-Encoding: deflate, gzip, br, zstd\r\nAccept-Language: C, *;q=0.9\r\nPragma: no-cache\r\n"
      "Git-Protocol: version=2\r\nConnection: close\r\n\r\n"),
TAKEN(HTTP_ABSOLUTE, "registry.example.com", 0, "/left-pad",
      "GET http://registry.example.com/left-pad HTTP/1.1\r\nuser-agent: npm/11.19.1 workspaces/false\r\n"
      "pacote-pkg-id: registry:left-pad\r\nHost: registry.example.com\r\nProxy-Connection: Keep-Alive\r\n"
      "connection: keep-alive\r\n\r\n",
      "GET /left-pad HTTP/1.1\r\nHost: registry.example.com\r\nuser-agent: npm/11.19.1 workspaces/false\r\n"
      "pacote-pkg-id: registry:left-pad\r\nConnection: close\r\n\r\n"),
TAKEN(HTTP_AUTHORITY, "registry.example.com", 443, "",
      "CONNECT registry.example.com:443 HTTP/1.1\r\nHost: registry.example.com:443\r\n"
      "Proxy-Connection: Keep-Alive\r\n\r\n", NULL),
TAKEN(HTTP_ABSOLUTE, "pypi.example.com", 0, "/simple/nothing/",
      "GET http://pypi.example.com/simple/nothing/ HTTP/1.1\r\nHost: pypi.example.com\r\n"
      "User-Agent: pip/23.2.1 {\"ci\":null,\"cpu\":\"x86_64\"}\r\nConnection: keep-alive\r\nCache-Control: max-age=0\r\n\r\n",
      "GET /simple/nothing/ HTTP/1.1\r\nHost: pypi.example.com\r\n"
      "User-Agent: pip/23.2.1 {\"ci\":null,\"cpu\":\"x86_64\"}\r\nCache-Control: max-age=0\r\nConnection: close\r\n\r\n"),
/* Python before 3.12, pip with it. */
TAKEN(HTTP_AUTHORITY, "pypi.example.com", 443, "", "CONNECT pypi.example.com:443 HTTP/1.0\r\n\r\n", NULL),
TAKEN(HTTP_AUTHORITY, "example.com", 443, "",
      "CONNECT example.com:443 HTTP/1.1\r\nUser-Agent: Wget/1.21.3\r\nHost: example.com:443\r\n\r\n", NULL),
TAKEN(HTTP_ABSOLUTE, "deb.example.com", 0, "/debian/dists/x/InRelease",
      "GET http://deb.example.com/debian/dists/x/InRelease HTTP/1.1\r\nHost: deb.example.com\r\n"
      "Cache-Control: max-age=0\r\nAccept: text/*\r\nUser-Agent: Debian APT-HTTP/1.3 (2.6.1)\r\n\r\n",
      "GET /debian/dists/x/InRelease HTTP/1.1\r\nHost: deb.example.com\r\nCache-Control: max-age=0\r\n"
      "Accept: text/*\r\nUser-Agent: Debian APT-HTTP/1.3 (2.6.1)\r\nConnection: close\r\n\r\n"),
/* openssl s_client -proxy, and what carries ssh through a proxy. */
TAKEN(HTTP_AUTHORITY, "example.com", 22, "", "CONNECT example.com:22 HTTP/1.0\r\nProxy-Connection: Keep-Alive\r\n\r\n", NULL),

/* --- Go 1.19, Java 17 old and new, requests 2.31, node 20 ----------------------------------- */
TAKEN(HTTP_ABSOLUTE, "example.com", 0, "/",
      "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Go-http-client/1.1\r\n"
      "Transfer-Encoding: chunked\r\nAccept-Encoding: gzip\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n"
      "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"),
TAKEN(HTTP_ABSOLUTE, "example.com", 0, "/",
      "GET http://example.com/ HTTP/1.1\r\nUser-Agent: Java/17.0.15\r\nHost: example.com\r\n"
      "Accept: text/html, image/gif, image/jpeg, */*; q=0.2\r\nProxy-Connection: keep-alive\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Java/17.0.15\r\n"
      "Accept: text/html, image/gif, image/jpeg, */*; q=0.2\r\nConnection: close\r\n\r\n"),
TAKEN(HTTP_AUTHORITY, "example.com", 443, "",
      "CONNECT example.com:443 HTTP/1.1\r\nUser-Agent: Java/17.0.15\r\nHost: example.com\r\n"
      "Proxy-Connection: keep-alive\r\n\r\n", NULL),
TAKEN(HTTP_ABSOLUTE, "example.com", 0, "/",
      "GET http://example.com/ HTTP/1.1\r\nContent-Length: 0\r\nHost: example.com\r\n"
      "User-Agent: Java-http-client/17.0.15\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Java-http-client/17.0.15\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n"),
TAKEN(HTTP_ABSOLUTE, "example.com", 0, "/",
      "GET http://example.com/ HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nHost: example.com\r\n"
      "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"),
TAKEN(HTTP_ABSOLUTE, "example.com", 0, "/p",
      "POST http://example.com/p HTTP/1.1\r\nHost: example.com\r\nUser-Agent: python-requests/2.31.0\r\n"
      "Connection: keep-alive\r\nContent-Length: 1\r\n\r\n",
      "POST /p HTTP/1.1\r\nHost: example.com\r\nUser-Agent: python-requests/2.31.0\r\nContent-Length: 1\r\n"
      "Connection: close\r\n\r\n"),
TAKEN(HTTP_ORIGIN, "127.0.0.1", 7802, "/",
      "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Host: 127.0.0.1:7802\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: 127.0.0.1:7802\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"
      "Connection: upgrade\r\n\r\n"),

/* --- forms of the target -------------------------------------------------------------------- */
TAKEN(HTTP_ABSOLUTE, "a.example", 0, "/", "GET http://a.example HTTP/1.1\r\n" HOST END,
      GET HOST CLOSE END),
TAKEN(HTTP_ABSOLUTE, "a.example", 0, "?x", "GET http://a.example?x HTTP/1.1\r\n" HOST END,
      "GET /?x HTTP/1.1\r\n" HOST CLOSE END),
TAKEN(HTTP_ABSOLUTE, "A.Example.", 80, "/", "GET HTTP://A.Example.:80/ HTTP/1.1\r\n" HOST END,
      GET HOST CLOSE END),
TAKEN(HTTP_ABSOLUTE, "a.example", 0, "/", "GET http://a.example/ HTTP/1.1\r\nHost: A.EXAMPLE:80\r\n" END,
      GET HOST CLOSE END),
TAKEN(HTTP_ABSOLUTE, "a.example", 8080, "/", "GET http://a.example:8080/ HTTP/1.1\r\nHost: a.example:8080\r\n" END,
      GET "Host: a.example:8080\r\n" CLOSE END),
TAKEN(HTTP_ABSOLUTE, "a.example", 0, "/", "GET http://a.example/ HTTP/1.0\r\n" END,
      "GET / HTTP/1.0\r\n" HOST CLOSE END),
TAKEN(HTTP_ABSOLUTE, "a.example", 0, "/http://b.example/@c?d:e", "GET http://a.example/http://b.example/@c?d:e HTTP/1.1\r\n" HOST END,
      "GET /http://b.example/@c?d:e HTTP/1.1\r\n" HOST CLOSE END),
TAKEN(HTTP_ABSOLUTE, "::1", 0, "/", "GET http://[::1]/ HTTP/1.1\r\nHost: [0:0:0:0:0:0:0:1]:80\r\n" END,
      GET "Host: [::1]\r\n" CLOSE END),
TAKEN(HTTP_ABSOLUTE, "1.2.3.4", 0, "/", "GET http://1.2.3.4/ HTTP/1.1\r\nHost: 1.2.3.4\r\n" END,
      GET "Host: 1.2.3.4\r\n" CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET HOST END, GET HOST CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", "GET / HTTP/1.0\r\n" HOST END, "GET / HTTP/1.0\r\n" HOST CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "//x", "GET //x HTTP/1.1\r\n" HOST END, "GET //x HTTP/1.1\r\n" HOST CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/../%2e%2e/\\%00?a=http://b.example", "GET /../%2e%2e/\\%00?a=http://b.example HTTP/1.1\r\n" HOST END,
      "GET /../%2e%2e/\\%00?a=http://b.example HTTP/1.1\r\n" HOST CLOSE END),
TAKEN(HTTP_ORIGIN, "::1", 81, "/", GET "Host: [::1]:81\r\n" END, GET "Host: [::1]:81\r\n" CLOSE END),
TAKEN(HTTP_ASTERISK, "a.example", 0, "", "OPTIONS * HTTP/1.1\r\n" HOST END, "OPTIONS * HTTP/1.1\r\n" HOST CLOSE END),
TAKEN(HTTP_AUTHORITY, "::1", 443, "", "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n" END, NULL),
TAKEN(HTTP_AUTHORITY, "1.2.3.4", 65535, "", "CONNECT 1.2.3.4:65535 HTTP/1.1\r\nHost: 1.2.3.4\r\n" END, NULL),
TAKEN(HTTP_AUTHORITY, "my_host", 80, "", "CONNECT my_host:80 HTTP/1.1\r\nHost: MY_HOST:80\r\n" END, NULL),

/* --- fields --------------------------------------------------------------------------------- */
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET "host:\t a.example\t \r\n" END, GET HOST CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET HOST "X:\r\nY:  a\tb \xc3\xa9\r\n" END,
      GET HOST "X: \r\nY: a\tb \xc3\xa9\r\n" CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET HOST "X: 1\r\nX: 2\r\nX_Y: 3\r\n!#$%&'*+-.^_`|~: 4\r\n" END,
      GET HOST "X: 1\r\nX: 2\r\nX_Y: 3\r\n!#$%&'*+-.^_`|~: 4\r\n" CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/",
      GET HOST "TE: trailers\r\nTrailer: X\r\nKeep-Alive: 5\r\nProxy-Authorization: Basic eA==\r\nProxy-x: y\r\n"
      "Proxies: z\r\nConnection: close, TE, ,X\r\nX: secret\r\nX-Y: kept\r\n" END,
      GET HOST "Proxies: z\r\nX-Y: kept\r\n" CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET HOST "Upgrade: websocket\r\n" END, GET HOST CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET HOST "Connection: upgrade\r\nUpgrade: TLS/1.0\r\n" END, GET HOST CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET HOST "Connection: upgrade\r\nUpgrade: websocket, h2c\r\n" END, GET HOST CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET HOST "Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n" END, GET HOST CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET HOST "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n" END,
      GET HOST "Content-Length: 1\r\n" CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", GET HOST "connection: keep-alive, UPGRADE\r\nupgrade: WebSocket\r\n" END,
      GET HOST "Upgrade: websocket\r\nConnection: upgrade\r\n" END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", POST "content-length:1152921504606846976\r\n" END,
      POST "Content-Length: 1152921504606846976\r\n" CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", POST "TRANSFER-ENCODING:chunked \r\n" END,
      POST "Transfer-Encoding: chunked\r\n" CLOSE END),
TAKEN(HTTP_ORIGIN, "a.example", 0, "/", "M-SEARCH_X / HTTP/1.1\r\n" HOST END, "M-SEARCH_X / HTTP/1.1\r\n" HOST CLOSE END),
