/* SPDX-License-Identifier: Apache-2.0 */
/* spec_add_net(): what a config and a host make of a sandbox's network; and the policy that egress is told of it. */
#include "spec/net.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "spec/net_policy.h"
#include "spec_world.h"

static int setup(void **state)
{
	struct world *w = *state = world_new((struct facts){ .uid = 1000 });

	if (!w)
		return -1;
	w->s.state = "/state/x-1";
	return 0;
}

static void must_add(struct world *w)
{
	if (spec_add_net(&w->c, &w->f, &w->a, &w->s, &w->e) != 0)
		fail_msg("%s", w->e.msg);
}

/* "dns 127.0.0.53 53 -" and so on, one a line. */
static const char *listens(struct world *w)
{
	struct buf b = BUF_INIT((size_t)8192);
	const char *text;

	for (size_t i = 0; i < w->s.net.n_listens; i++) {
		const struct net_listen *l = &w->s.net.listens[i];
		char addr[NET_ADDR_SIZE];

		net_addr_print(&l->addr, addr);
		buf_addf(&b, "%d %s %u %s\n", (int)l->kind, addr, l->port,
			 l->target ? l->target : "-");
	}
	text = arena_strdup(&w->a, buf_text(&b));
	buf_done(&b);
	return text;
}

static const char always[] = "0 127.0.0.53 53 -\n1 127.0.0.53 53 -\n2 127.0.0.1 61443 -\n"
			     "3 127.0.0.1 3128 -\n4 127.0.0.1 1080 -\n";

static void only_a_filtered_network_listens(void **state)
{
	struct world *w = *state;

	must_add(w);
	assert_string_equal(listens(w), always);
	assert_int_equal(w->s.net.n_routes, 1);
	assert_true(net_wants_ready(&w->s.net));
	for (unsigned mode = NETWORK_NONE; mode <= NETWORK_HOST; mode++) {
		w->s.net = (struct spec_net){ 0 };
		w->c.network = mode;
		must_add(w);
		assert_int_equal(w->s.net.n_listens, mode == NETWORK_FILTERED ? 5 : 0);
		assert_int_equal(net_wants_ready(&w->s.net),
				 mode == NETWORK_FILTERED || mode == NETWORK_NAT);
	}
}

static void a_service_of_the_host_is_found_where_programs_look(void **state)
{
	struct world *w = *state;

	strv_add(&w->c.allow_local, "localhost:5432", "127.0.0.5:80", "[::1]:81", "10.1.2.3:22",
		 "10.2.0.0/16:443", "db.corp.example:5432", "[fd00::5]:9", "127.0.0.1:1000-1001");
	must_add(w);
	assert_string_equal(listens(w) + strlen(always),
			    "5 127.0.0.1 5432 localhost\n5 ::1 5432 localhost\n"
			    "5 127.0.0.5 80 127.0.0.5\n5 ::1 81 ::1\n");
	/* The pool, and what of the local network is dialled by number. */
	assert_int_equal(w->s.net.n_routes, 3);
	assert_int_equal(w->s.net.routes[1].bits, 32);
	assert_int_equal(w->s.net.routes[2].bits, 16);
	assert_int_equal(w->s.net.n_holes, 3);
}

static const struct {
	const char *url, *rule; /* NULL: none */
} urls[] = {
	{ "http://127.0.0.1:4000", "127.0.0.1:4000" },
	{ "http://localhost:4000/v1", "localhost:4000" },
	{ "https://llm.corp.example", "llm.corp.example:443" },
	{ "http://llm.corp.example/x?y#z", "llm.corp.example:80" },
	{ "https://[::1]:8443/", "[::1]:8443" },
	{ "https://user:pw@host.example", NULL },
	{ "ftp://host.example", NULL },
	{ "", NULL },
	{ "https://", NULL },
	{ "https://a b", NULL },
	{ "https://*.example.com", NULL },
};

static void the_callers_own_address_of_the_api_counts_as_the_agents(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < N_ELEMENTS(urls); i++) {
		w->f.env = STRV_INIT(&w->a);
		strv_add(&w->f.env, arena_printf(&w->a, "ANTHROPIC_BASE_URL=%s", urls[i].url));
		w->s.details.n = 0;
		must_add(w);
		assert_int_equal(w->s.net.lists[NET_LOCAL].n, urls[i].rule ? 1 : 0);
		assert_int_equal(w->s.details.n, urls[i].rule ? 1 : 0);
		if (urls[i].rule) {
			assert_string_equal(w->s.net.lists[NET_LOCAL].items[0], urls[i].rule);
			assert_true(strv_has(&w->s.net.agent_hosts, urls[i].rule));
		}
	}
	/* Nothing is nothing. */
	w->c.allow_hosts.n = 0;
	w->f.env = STRV_INIT(&w->a);
	strv_add(&w->f.env, "ANTHROPIC_BASE_URL=http://127.0.0.1:4000");
	must_add(w);
	assert_int_equal(w->s.net.lists[NET_LOCAL].n, 0);
	assert_string_equal(listens(w), always);
}

static const struct {
	const char *env[3], *upstream, *direct; /* NULL: none */
	size_t notes;
} proxies[] = {
	{ { "https_proxy=http://proxy.corp.example:3128/" }, "proxy.corp.example:3128", "", 0 },
	{ { "HTTPS_PROXY=http://ann:s%40cret@10.0.0.1:3128" }, "10.0.0.1:3128 ann:s@cret", "", 0 },
	{ { "http_proxy=http://a.example:1", "https_proxy=http://b.example:2" },
	  "b.example:2",
	  "",
	  0 },
	{ { "https_proxy=", "all_proxy=c.example" }, "c.example:80", "", 0 },
	{ { "https_proxy=http://b.example:2", "no_proxy=localhost,.corp.example, *.x.org,a*b" },
	  "b.example:2",
	  "localhost *.localhost corp.example *.corp.example x.org *.x.org",
	  0 },
	{ { "https_proxy=http://b.example:2", "no_proxy=*" }, "b.example:2", "*", 0 },
	{ { "https_proxy=socks5://b.example:2" }, NULL, "", 1 },
	{ { "https_proxy=https://b.example:2" }, NULL, "", 1 },
	{ { "https_proxy=http://b.example:0" }, NULL, "", 1 },
	{ { "https_proxy=http://a:b%0ac@b.example:1" }, NULL, "", 1 },
	{ { "https_proxy=http://:1" }, NULL, "", 1 },
};

static void the_hosts_own_proxy(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < N_ELEMENTS(proxies); i++) {
		const char *direct = "";

		w->f.env = STRV_INIT(&w->a);
		w->s.notes.n = 0;
		for (size_t k = 0; k < 3 && proxies[i].env[k]; k++)
			strv_add(&w->f.env, proxies[i].env[k]);
		must_add(w);
		if (!proxies[i].upstream)
			assert_null(w->s.net.upstream);
		else
			assert_string_equal(w->s.net.upstream, proxies[i].upstream);
		for (size_t k = 0; k < w->s.net.direct.n; k++)
			direct = arena_printf(&w->a, "%s%s%s", direct, k ? " " : "",
					      w->s.net.direct.items[k]);
		assert_string_equal(direct, proxies[i].direct);
		assert_int_equal(w->s.notes.n, proxies[i].notes);
	}
}

static void ports_for_other_machines_are_told_of(void **state)
{
	static const char note[] =
		"publish: other machines than this one can connect to 0.0.0.0:8080, [::]:81, "
		"192.168.1.5:82; without an address in --publish only this one can";
	struct world *w = *state;

	strv_add(&w->c.publish, "3000", "127.0.0.2:8080:3000", "[::1]:80");
	must_add(w);
	assert_int_equal(w->s.notes.n, 0);
	strv_add(&w->c.publish, "0.0.0.0:8080:3000", "[::]:81", "192.168.1.5:82");
	for (unsigned mode = NETWORK_NONE; mode <= NETWORK_HOST; mode++) {
		w->s.notes.n = 0;
		w->c.network = mode;
		must_add(w);
		assert_int_equal(w->s.notes.n, 1);
		if (mode != NETWORK_HOST)
			assert_string_equal(w->s.notes.items[0], note);
		else
			assert_non_null(strstr(w->s.notes.items[0], "publish has no effect"));
	}
}

static void what_cannot_be_understood_is_told_with_the_settings_name(void **state)
{
	struct world *w = *state;

	strv_add(&w->c.deny_hosts, "a/b");
	assert_int_equal(spec_add_net(&w->c, &w->f, &w->a, &w->s, &w->e), -EINVAL);
	assert_non_null(strstr(w->e.msg, "deny_hosts: rule 'a/b'"));
	w->c.deny_hosts.n = 0;
	strv_add(&w->c.allow_local, "localhost");
	assert_int_equal(spec_add_net(&w->c, &w->f, &w->a, &w->s, &w->e), -EINVAL);
	assert_non_null(strstr(w->e.msg, "allow_local: rule 'localhost'"));
	w->c.allow_local.n = 0;
	strv_add(&w->c.publish, "99999");
	assert_int_equal(spec_add_net(&w->c, &w->f, &w->a, &w->s, &w->e), -EINVAL);
	assert_non_null(strstr(w->e.msg, "publish: "));
	w->c.publish.n = 0;
	for (int port = 1; port < 40; port++)
		strv_add(&w->c.allow_local, arena_printf(&w->a, "localhost:%d", port));
	assert_int_equal(spec_add_net(&w->c, &w->f, &w->a, &w->s, &w->e), -E2BIG);
}

/* --- the policy --- */

static void check_same(const struct spec_net *x, const struct spec_net *y)
{
	for (unsigned list = 0; list < N_NET_LISTS; list++) {
		assert_int_equal(x->lists[list].n, y->lists[list].n);
		for (size_t i = 0; i < x->lists[list].n; i++)
			assert_string_equal(x->lists[list].items[i], y->lists[list].items[i]);
		assert_int_equal(x->rules.n[list], y->rules.n[list]);
	}
	assert_int_equal(x->n_listens, y->n_listens);
	for (size_t i = 0; i < x->n_listens; i++) {
		assert_int_equal(x->listens[i].kind, y->listens[i].kind);
		assert_memory_equal(&x->listens[i].addr, &y->listens[i].addr,
				    sizeof(struct net_addr));
		assert_int_equal(x->listens[i].port, y->listens[i].port);
		assert_int_equal(!x->listens[i].target, !y->listens[i].target);
	}
	assert_int_equal(x->budget_mib, y->budget_mib);
	assert_int_equal(x->budget_host_mib, y->budget_host_mib);
	assert_int_equal(x->asks, y->asks);
	assert_string_equal(x->dir, y->dir);
	assert_string_equal(x->upstream, y->upstream);
	assert_int_equal(x->direct.n, y->direct.n);
}

static void the_policy_arrives_as_it_was_sent(void **state)
{
	struct world *w = *state;
	struct buf b = BUF_INIT(NET_POLICY_MAX);
	const char *project = NULL;
	struct spec_net got;

	strv_add(&w->c.allow_hosts, "GET,HEAD mirror.example.com:80", "@github:443");
	strv_add(&w->c.deny_hosts, "*.evil.example");
	strv_add(&w->c.allow_local, "localhost:5432");
	strv_add(&w->f.env, "https_proxy=http://ann:pw@proxy.example:1", "no_proxy=corp.example");
	w->c.upload_mib = 100;
	w->c.upload_host_mib = 7;
	w->c.ask_hosts = true;
	w->c.ask_seconds = 9;
	must_add(w);
	net_policy_pack(&w->s.net, "/home/ann/a\nb", &b);
	assert_int_equal(net_policy_parse(buf_text(&b), b.len, &w->a, &got, &project, &w->e), 0);
	check_same(&w->s.net, &got);
	assert_int_equal(got.ask_s, 9);
	assert_string_equal(project, "/home/ann/a\\x0ab");
	buf_done(&b);
}

static void a_policy_that_nobody_sent_is_refused(void **state)
{
	static const char *const texts[] = {
		"allow",
		"frob x",
		"allow a/b",
		"listen dns 1.2.3.4 53",
		"listen dns x 53 -",
		"listen odd 1.2.3.4 53 -",
		"listen dns 1.2.3.4 0 -",
		"upload -1",
		"ask x",
		"upload 99999999999999999999",
	};
	struct world *w = *state;
	const char *project = NULL;
	struct spec_net got;

	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		if (net_policy_parse(texts[i], strlen(texts[i]), &w->a, &got, &project, &w->e) == 0)
			fail_msg("'%s' is taken", texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_a_filtered_network_listens, setup, teardown),
		cmocka_unit_test_setup_teardown(a_service_of_the_host_is_found_where_programs_look,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_callers_own_address_of_the_api_counts_as_the_agents, setup, teardown),
		cmocka_unit_test_setup_teardown(the_hosts_own_proxy, setup, teardown),
		cmocka_unit_test_setup_teardown(ports_for_other_machines_are_told_of, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_understood_is_told_with_the_settings_name, setup, teardown),
		cmocka_unit_test_setup_teardown(the_policy_arrives_as_it_was_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(a_policy_that_nobody_sent_is_refused, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
