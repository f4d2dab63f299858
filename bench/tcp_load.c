/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What TCP connections cost, directly or through an HTTP proxy (CONNECT). Prints one line of JSON.
 *
 *     tcp_load [--proxy HOST:PORT] VERB HOST:PORT N
 *
 *     download N   one connection, N MiB come     upload N    they go
 *     latency N    N connections one after the other, each with one byte there and back
 *     rate N       the same by eight processes at a time
 *     tunnels N    N connections that stay open until standard input ends
 *
 * HOST:PORT is tcp_peer. egress.py, which calls this, looks at what the proxy needs for it.
 */
#include <err.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/parse.h"

#define BLOCK ((size_t)256 << 10)
#define MIB ((uint64_t)1 << 20)
#define N_PROCESSES 8
#define ANSWER_SIZE 1024

struct place {
	const char *text;    /* as it was given */
	struct addrinfo *at; /* NULL: the proxy is to look it up */
};

struct load {
	struct place target, proxy;
	uint64_t n;
};

static uint8_t block[BLOCK];

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t number(const char *text)
{
	struct err e = { 0 };
	uint64_t value;

	if (parse_uint(text, 1, UINT32_MAX, &value, &e) < 0)
		errx(2, "'%s' is no number from 1 on", text);
	return value;
}

static void look_up(struct place *place)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(place->text, ':');
	auto_free char *host = colon ? strndup(place->text, (size_t)(colon - place->text)) : NULL;
	int failed;

	if (!host)
		errx(2, "'%s' is not HOST:PORT", place->text);
	failed = getaddrinfo(host, colon + 1, &hints, &place->at);
	if (failed != 0)
		errx(1, "%s: %s", place->text, gai_strerror(failed));
}

/* --- one connection --------------------------------------------------------------------- */

static void send_all(int fd, const void *data, size_t n)
{
	for (size_t sent = 0; sent < n;) {
		ssize_t part = send(fd, (const uint8_t *)data + sent, n - sent, MSG_NOSIGNAL);

		if (part < 0)
			err(1, "send");
		sent += (size_t)part;
	}
}

static size_t receive(int fd, void *data, size_t n)
{
	ssize_t part = recv(fd, data, n, 0);

	if (part < 0)
		err(1, "recv");
	if (part == 0)
		errx(1, "the connection was closed");
	return (size_t)part;
}

/* The peer does not speak first, so that nothing comes after the answer's head. */
static void ask_proxy(int fd, const char *target)
{
	char text[ANSWER_SIZE];
	size_t n = 0;
	int len = snprintf(text, sizeof(text), "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target,
			   target);

	if (len < 0 || (size_t)len >= sizeof(text))
		errx(2, "the target is too long");
	send_all(fd, text, (size_t)len);
	do {
		if (n == sizeof(text) - 1)
			errx(1, "the proxy's answer is too long");
		n += receive(fd, text + n, sizeof(text) - 1 - n);
		text[n] = '\0';
	} while (!strstr(text, "\r\n\r\n"));
	if (strncmp(text, "HTTP/1.", 7) != 0 || strncmp(text + 8, " 200", 4) != 0)
		errx(1, "the proxy says: %.*s", (int)strcspn(text, "\r\n"), text);
}

static int open_connection(const struct load *load, char verb, uint64_t n)
{
	const struct addrinfo *at = load->proxy.at ? load->proxy.at : load->target.at;
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint8_t head[9] = { (uint8_t)verb };

	if (fd < 0)
		err(1, "socket");
	if (connect(fd, at->ai_addr, at->ai_addrlen) < 0)
		err(1, "connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (load->proxy.at)
		ask_proxy(fd, load->target.text);
	memcpy(head + 1, &n, sizeof(n));
	send_all(fd, head, sizeof(head));
	return fd;
}

static void there_and_back(int fd)
{
	uint8_t byte = 'x';

	send_all(fd, &byte, 1);
	(void)receive(fd, &byte, 1);
}

/* --- verbs; each prints its own members of the object ----------------------------------- */

static void do_download(const struct load *load)
{
	uint64_t left = load->n * MIB;
	double began = now_s();
	auto_fd int fd = open_connection(load, 'D', left);

	while (left > 0)
		left -= receive(fd, block, left < BLOCK ? left : BLOCK);
	(void)printf(", \"mb_per_s\": %.0f", (double)(load->n * MIB) / 1e6 / (now_s() - began));
}

static void do_upload(const struct load *load)
{
	double began = now_s();
	auto_fd int fd = open_connection(load, 'U', load->n * MIB);

	for (uint64_t left = load->n * MIB; left > 0;) {
		size_t n = left < BLOCK ? left : BLOCK;

		send_all(fd, block, n);
		left -= n;
	}
	(void)receive(fd, block, 1);
	(void)printf(", \"mb_per_s\": %.0f", (double)(load->n * MIB) / 1e6 / (now_s() - began));
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void do_latency(const struct load *load)
{
	auto_free double *us = calloc(load->n, sizeof(*us));

	if (!us)
		err(1, "calloc");
	for (uint64_t i = 0; i < load->n; i++) {
		double began = now_s();
		auto_fd int fd = open_connection(load, 'E', 0);

		there_and_back(fd);
		us[i] = (now_s() - began) * 1e6;
	}
	qsort(us, load->n, sizeof(*us), by_size);
	(void)printf(", \"median_us\": %.0f, \"p95_us\": %.0f", us[load->n / 2],
		     us[load->n * 95 / 100]);
}

static void connect_often(const struct load *load)
{
	for (uint64_t i = 0; i < load->n / N_PROCESSES; i++) {
		auto_fd int fd = open_connection(load, 'E', 0);

		there_and_back(fd);
	}
	_exit(0);
}

static void do_rate(const struct load *load)
{
	const uint64_t made = load->n / N_PROCESSES * N_PROCESSES;
	double began = now_s();
	int status;

	for (int i = 0; i < N_PROCESSES; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0)
			connect_often(load);
	}
	for (int i = 0; i < N_PROCESSES; i++)
		if (wait(&status) < 0 || status != 0)
			errx(1, "a process did not make all of its connections");
	(void)printf(", \"per_s\": %.0f", (double)made / (now_s() - began));
}

static void do_tunnels(const struct load *load)
{
	auto_free int *fds = calloc(load->n, sizeof(*fds));

	if (!fds)
		err(1, "calloc");
	for (uint64_t i = 0; i < load->n; i++) {
		fds[i] = open_connection(load, 'E', 0);
		there_and_back(fds[i]);
	}
	(void)printf(", \"open\": true}\n");
	(void)fflush(stdout);
	while (read(STDIN_FILENO, block, BLOCK) > 0)
		;
	for (uint64_t i = 0; i < load->n; i++) {
		there_and_back(fds[i]);
		(void)close(fds[i]);
	}
	(void)printf("{\"verb\": \"tunnels\", \"still_open\": true");
}

static const struct {
	const char *name;
	void (*run)(const struct load *);
} verbs[] = {
	{ "download", do_download }, { "upload", do_upload },   { "latency", do_latency },
	{ "rate", do_rate },         { "tunnels", do_tunnels },
};

static void run(const struct load *load, const char *verb)
{
	for (size_t i = 0; i < N_ELEMENTS(verbs); i++) {
		if (strcmp(verbs[i].name, verb) != 0)
			continue;
		(void)printf("{\"verb\": \"%s\", \"n\": %llu", verb, (unsigned long long)load->n);
		(void)fflush(stdout); /* or else each process of "rate" has it too */
		verbs[i].run(load);
		(void)printf("}\n");
		return;
	}
	errx(2, "there is no verb '%s'", verb);
}

int main(int argc, char **argv)
{
	struct load load = { 0 };
	struct rlimit files;
	int i = 1;

	if (argc > 2 && strcmp(argv[1], "--proxy") == 0) {
		load.proxy.text = argv[2];
		i = 3;
	}
	if (argc - i != 3)
		errx(2, "usage: tcp_load [--proxy HOST:PORT] VERB HOST:PORT N");
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	load.target.text = argv[i + 1];
	load.n = number(argv[i + 2]);
	look_up(load.proxy.text ? &load.proxy : &load.target);
	run(&load, argv[i]);
	return 0;
}
