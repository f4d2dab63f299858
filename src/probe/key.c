/* SPDX-License-Identifier: Apache-2.0 */
/* S-06, S-14: kernel keyrings and System V or POSIX IPC, which belong to the user and not to a process. */
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/probe.h"

/* args: description of a key that the host's user has. */
static struct verdict key_search(const struct attempt *at)
{
	return by_result(
		syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", at->args[0], 0));
}

static struct verdict key_request(const struct attempt *at)
{
	return reached(syscall(SYS_request_key, "user", at->args[0], NULL, 0));
}

static struct verdict key_add(const struct attempt *at)
{
	return by_result(syscall(SYS_add_key, "user", at->args[0], "x", 1, KEY_SPEC_USER_KEYRING));
}

static struct verdict key_describe(const struct attempt *at)
{
	char text[256];

	(void)at;
	return by_result(
		syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_USER_KEYRING, text, sizeof(text)));
}

static struct verdict key_join(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
}

static struct verdict shm_of_host(const struct attempt *at)
{
	return by_result(shmget((key_t)number_of(at->args[0]), 0, 0));
}

static struct verdict sem_of_host(const struct attempt *at)
{
	return by_result(semget((key_t)number_of(at->args[0]), 0, 0));
}

static struct verdict msg_of_host(const struct attempt *at)
{
	return by_result(msgget((key_t)number_of(at->args[0]), 0));
}

static struct verdict queue_of_host(const struct attempt *at)
{
	return by_result(mq_open(at->args[0], O_RDONLY));
}

/* args: key, number, name of a queue. What a run makes on the host, uproot() takes away. */
int plant(char *const args[])
{
	key_t number = args[0] && args[1] ? (key_t)number_of(args[1]) : -1;

	if (number < 0 || !args[2])
		return 2;
	if (syscall(SYS_add_key, "user", args[0], "secret", 6, KEY_SPEC_USER_KEYRING) < 0)
		perror("key");
	if (shmget(number, 4096, IPC_CREAT | 0600) < 0)
		perror("shm");
	if (semget(number, 1, IPC_CREAT | 0600) < 0)
		perror("sem");
	if (msgget(number, IPC_CREAT | 0600) < 0)
		perror("msg");
	if (mq_open(args[2], O_RDWR | O_CREAT, 0600, NULL) < 0)
		perror("mq");
	return 0;
}

int uproot(char *const args[])
{
	key_t number = args[0] && args[1] ? (key_t)number_of(args[1]) : -1;
	long key;

	if (number < 0 || !args[2])
		return 2;
	key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", args[0], 0);
	if (key > 0)
		(void)syscall(SYS_keyctl, KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING);
	(void)shmctl(shmget(number, 0, 0), IPC_RMID, NULL);
	(void)semctl(semget(number, 0, 0), 0, IPC_RMID);
	(void)msgctl(msgget(number, 0), IPC_RMID, NULL);
	(void)mq_unlink(args[2]);
	return 0;
}

/* clang-format off */
const struct attack key_attacks[] = {
	{ "S-06a", "key-search", "finds a key of the host's user", key_search, 0, 1, true },
	{ "S-06b", "key-request", "asks for it", key_request, 0, 1, true },
	{ "S-06c", "key-add", "plants a key", key_add, 0, 1, false },
	{ "S-06d", "key-describe", "looks at the user's keyring", key_describe, 0, 0, true },
	{ "S-06e", "key-join", "joins another keyring", key_join, 0, 0, true },
	{ "S-14a", "shm-host", "finds shared memory of the host", shm_of_host, 0, 1, true },
	{ "S-14b", "sem-host", "finds a semaphore of the host", sem_of_host, 0, 1, true },
	{ "S-14c", "msg-host", "finds a message queue of the host", msg_of_host, 0, 1, true },
	{ "S-14d", "mq-host", "finds a POSIX queue of the host", queue_of_host, 0, 1, true },
	{ .name = NULL },
};
/* clang-format on */
