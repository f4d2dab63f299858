/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor says about the ways of the network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/utsname.h>

#include <cmocka.h>

#include "doctor_bench.h"

static void put_modules(struct tree *t, const char *name, const char *text)
{
	struct utsname uts;

	assert_int_equal(uname(&uts), 0);
	put_file(t, arena_printf(&t->arena, "lib/modules/%s/modules.%s", uts.release, name), text,
		 0644);
}

static void packet_rules(void **state)
{
	struct bench b;

	bench_init(&b, *state);
	b.c.network = NETWORK_FILTERED;
	is(check(&b, "packet rules"), FINDING_PASS, "not known", NULL);
	put_modules(*state, "builtin",
		    "kernel/net/netfilter/nft_redir.ko\nkernel/net/netfilter/nft_reject_inet.ko\n");
	is(check(&b, "packet rules"), FINDING_FAIL, "no module nft_chain_nat", "linux-modules");
	b.c.network = NETWORK_HOST;
	is(check(&b, "packet rules"), FINDING_WARN,
	   "no module nft_chain_nat, so there is no --network filtered", "linux-modules");
	put_modules(*state, "dep", "kernel/net/netfilter/nft_chain_nat.ko.zst: kernel/net/x.ko\n");
	is(check(&b, "packet rules"), FINDING_PASS, "this kernel has them", NULL);
}

static void nat_device(void **state)
{
	struct bench b;

	bench_init(&b, *state);
	b.c.network = NETWORK_FILTERED;
	is(check(&b, "tun device"), FINDING_WARN,
	   "cannot be opened: No such file or directory, so there is no --network nat",
	   "modprobe tun");
	b.c.network = NETWORK_NAT;
	is(check(&b, "tun device"), FINDING_FAIL, "cannot be opened", "modprobe tun");
	put_file(*state, "dev/net/tun", "", 0600);
	is(check(&b, "tun device"), FINDING_PASS, "can be opened", NULL);
	b.f.pasta = "/usr/bin/pasta";
	is(check(&b, "pasta"), FINDING_PASS, "/usr/bin/pasta", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(packet_rules),
		TEST(nat_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
