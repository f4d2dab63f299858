/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of a self test: a process to be found, files, sockets, keys and queues. Standard output is
 * a socket, our channel in both directions. When it ends, everything goes again; so whoever started us may be
 * killed in any way. (Standard input is left to attacks that open a descriptor of ours.)
 *
 * First we send a line "NAME <tab> VALUE" for each thing that could be made and one empty line; then, for
 * each line that comes in, how many have connected to our listeners until now.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "probe/probe.h"

#define PATH_SIZE 1024
#define MAX_LISTENERS 8

struct ground {
	char dir[PATH_SIZE], file[PATH_SIZE], socket[PATH_SIZE];
	char var_tmp[64], shm[64];
	char key[64], number[32], queue[80];
	int listeners[MAX_LISTENERS];
	size_t n_listeners;
};

static void tell(const char *name, const char *value)
{
	(void)printf("%s\t%s\n", name, value);
}

static void make_file(int fd, const char *name, char *path)
{
	if (fd < 0 || write(fd, "canary\n", 7) != 7)
		path[0] = '\0';
	else
		tell(name, path);
	if (fd >= 0)
		(void)close(fd);
}

static void make_files(struct ground *g)
{
	(void)snprintf(g->file, sizeof(g->file), "%.1000s/secret", g->dir);
	make_file(open(g->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), "secret", g->file);
	(void)snprintf(g->var_tmp, sizeof(g->var_tmp), "%s", "/var/tmp/claude-sandbox-test.XXXXXX");
	make_file(mkostemp(g->var_tmp, O_CLOEXEC), "var_tmp", g->var_tmp);
	(void)snprintf(g->shm, sizeof(g->shm), "%s", "/dev/shm/claude-sandbox-test.XXXXXX");
	make_file(mkostemp(g->shm, O_CLOEXEC), "shm", g->shm);
}

static bool listens(struct ground *g, int fd, const void *address, socklen_t size)
{
	if (fd < 0 || bind(fd, address, size) < 0 || listen(fd, 64) < 0) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	g->listeners[g->n_listeners++] = fd;
	return true;
}

static int stream(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static void make_unix(struct ground *g)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t head = offsetof(struct sockaddr_un, sun_path);

	(void)snprintf(g->socket, sizeof(g->socket), "%.1000s/socket", g->dir);
	if (strlen(g->socket) < sizeof(address.sun_path)) {
		(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", g->socket);
		if (listens(g, stream(AF_UNIX), &address, sizeof(address)))
			tell("socket", g->socket);
	}
	address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%.60s", g->key);
	if (listens(g, stream(AF_UNIX), &address, (socklen_t)(head + 1 + strlen(g->key))))
		tell("abstract", g->key);
}

static void make_inet(struct ground *g)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t size = sizeof(v4);
	char port[16];

	if (listens(g, stream(AF_INET), &v4, sizeof(v4)) &&
	    getsockname(g->listeners[g->n_listeners - 1], (struct sockaddr *)&v4, &size) == 0) {
		(void)snprintf(port, sizeof(port), "%u", ntohs(v4.sin_port));
		tell("port", port);
	}
	size = sizeof(v6);
	if (listens(g, stream(AF_INET6), &v6, sizeof(v6)) &&
	    getsockname(g->listeners[g->n_listeners - 1], (struct sockaddr *)&v6, &size) == 0) {
		(void)snprintf(port, sizeof(port), "%u", ntohs(v6.sin6_port));
		tell("port6", port);
	}
}

/* The token backwards: whoever looks for it by argv must not find himself. */
static void tell_of_us(const char *token)
{
	struct utsname name;
	char back[256];
	char pid[16];
	size_t n = strlen(token);

	(void)snprintf(pid, sizeof(pid), "%d", getpid());
	tell("pid", pid);
	for (size_t i = 0; n < sizeof(back) && i < n; i++)
		back[i] = token[n - 1 - i];
	back[n < sizeof(back) ? n : 0] = '\0';
	tell("token", back);
	if (uname(&name) == 0)
		tell("node", name.nodename);
}

/* Open here for as long as we live, and nowhere else. */
static void hold_dir(const struct ground *g)
{
	int fd = open(g->dir, O_RDONLY | O_DIRECTORY);
	char text[32];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	(void)snprintf(text, sizeof(text), "%lu", (unsigned long)st.st_dev);
	tell("dev", text);
	(void)snprintf(text, sizeof(text), "%lu", (unsigned long)st.st_ino);
	tell("ino", text);
}

static void make(struct ground *g, const char *token)
{
	uint32_t number = 0;
	char *const things[] = { g->key, g->number, g->queue, NULL };

	tell_of_us(token);
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = (uint32_t)getpid();
	(void)snprintf(g->key, sizeof(g->key), "claude-sandbox-test-%08x", number);
	(void)snprintf(g->queue, sizeof(g->queue), "/%s", g->key);
	(void)snprintf(g->number, sizeof(g->number), "%u", (number & 0x3fffffffU) + 1);
	make_files(g);
	make_unix(g);
	make_inet(g);
	if (plant(things) == 0) {
		tell("key", g->key);
		tell("ipc", g->number);
		tell("queue", g->queue);
	}
}

static void unmake(struct ground *g)
{
	char *const things[] = { g->key, g->number, g->queue, NULL };
	const char *const paths[] = { g->file, g->socket, g->var_tmp, g->shm };

	(void)uproot(things);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (paths[i][0])
			(void)unlink(paths[i]);
	(void)rmdir(g->dir);
}

static unsigned count(const struct ground *g)
{
	unsigned n = 0;

	for (size_t i = 0; i < g->n_listeners; i++) {
		int fd;

		while ((fd = accept4(g->listeners[i], NULL, NULL, SOCK_CLOEXEC)) >= 0) {
			(void)close(fd);
			n++;
		}
	}
	return n;
}

/* @token stands in our argv, to be looked for. */
int ground(const char *parent, const char *token)
{
	struct ground g = { .n_listeners = 0 };
	unsigned connected = 0;
	char line[16];
	FILE *channel = fdopen(dup(STDOUT_FILENO), "r");

	/* Only the end of the channel ends us, so that nothing stays. */
	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_IGN);
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0,
		    0); /* else Yama answers for the walls */
	(void)snprintf(g.dir, sizeof(g.dir), "%.900s/claude-sandbox-test.XXXXXX", parent);
	if (!channel || !mkdtemp(g.dir)) {
		perror(parent);
		return 2;
	}
	tell("dir", g.dir);
	hold_dir(&g);
	make(&g, token);
	(void)puts("");
	(void)fflush(stdout);
	while (fgets(line, sizeof(line), channel)) {
		connected += count(&g);
		(void)printf("%u\n", connected);
		(void)fflush(stdout);
	}
	unmake(&g);
	return 0;
}
