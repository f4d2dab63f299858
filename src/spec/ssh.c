/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/ssh.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/path.h"
#include "spec/shares.h"
#include "spec/spec.h"
#include "spec/ssh_config.h"

#define CONFIG_MAX ((size_t)1 << 20)
#define SOCKET_INSIDE "/run/claude-sandbox/ssh-agent"
#define WHY "use of the keys in your agent, one signature at a time"

/* sun_path of unix(7), with its end */
#define SOCKET_PATH_MAX 108

/* Programs that ask a yes or no with SSH_ASKPASS_PROMPT=confirm (ssh-agent(1)), after $SSH_ASKPASS. */
static const char *const askers[] = { "$SSH_ASKPASS",
				      "/usr/bin/ssh-askpass",
				      "/usr/libexec/openssh/ssh-askpass",
				      "/usr/lib/ssh/ssh-askpass",
				      "/usr/bin/ksshaskpass",
				      "/run/current-system/sw/bin/ssh-askpass" };

bool ssh_is_guarded(const struct config *c)
{
	return c->ssh_agent == AGENT_GUARDED ||
	       (c->ssh_agent == AGENT_RAW && c->backend == BACKEND_CONTAINER);
}

static bool is_path(const char *item)
{
	return item[0] == '/' || strncmp(item, "~/", 2) == 0;
}

void ssh_paths(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret)
{
	const char *socket = share_expand("$SSH_AUTH_SOCK", f, a);

	if (!ssh_is_guarded(c))
		return;
	if (socket)
		strv_add(ret, socket);
	for (size_t i = 0; c->ssh_agent_confirm && i < N_ELEMENTS(askers); i++) {
		const char *path = share_expand(askers[i], f, a);

		if (path)
			strv_add(ret, path);
	}
}

void ssh_key_files(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret)
{
	/* What ssh tries by itself (ssh_config(5), IdentityFile). */
	static const char *const usual[] = { "id_rsa",     "id_ecdsa",      "id_ecdsa_sk",
					     "id_ed25519", "id_ed25519_sk", "id_xmss" };

	if (c->ssh_agent == AGENT_NONE)
		return;
	for (size_t i = 0; i < N_ELEMENTS(usual); i++)
		strv_add(ret, arena_printf(a, "%s/.ssh/%s.pub", f->home, usual[i]));
	for (size_t i = 0; i < c->ssh_agent_keys.n; i++)
		if (is_path(c->ssh_agent_keys.items[i]))
			strv_add(ret, path_expand_home(a, f->home, c->ssh_agent_keys.items[i]));
}

static int choose_file(const char *item, const struct facts *f, struct arena *a,
		       struct ssh_choice *ret, struct err *e)
{
	const char *path = path_expand_home(a, f->home, item);
	const struct text_fact *text = facts_text(f, path);
	char fingerprint[SSH_FINGERPRINT_SIZE];
	struct ssh_public key;

	if (!text)
		return err_set(e, ENOENT,
			       "ssh_agent_keys: %s cannot be read; name the file of a public key "
			       "(.pub), a fingerprint (SHA256:...) or a comment",
			       path);
	if (ssh_public_read(text->text, text->len, a, &key) < 0)
		return err_set(e, EINVAL,
			       "ssh_agent_keys: %s does not begin with a public key; name the .pub "
			       "file of the key",
			       path);
	ssh_fingerprint(key.key, fingerprint);
	strv_add(&ret->fingerprints, arena_strdup(a, fingerprint));
	return 0;
}

static int choose(const struct config *c, const struct facts *f, struct arena *a,
		  struct ssh_choice *ret, struct err *e)
{
	int r = 0;

	*ret = (struct ssh_choice){ STRV_INIT(a), STRV_INIT(a) };
	for (size_t i = 0; i < c->ssh_agent_keys.n && r == 0; i++) {
		const char *item = c->ssh_agent_keys.items[i];

		if (is_path(item))
			r = choose_file(item, f, a, ret, e);
		else if (strncmp(item, "SHA256:", 7) == 0)
			strv_add(&ret->fingerprints, item);
		else if (strncmp(item, "MD5:", 4) == 0 || !item[0])
			r = err_set(e, EINVAL,
				    "ssh_agent_keys: '%s' names no key; use the fingerprint that "
				    "ssh-add -l prints (SHA256:...), a comment or a .pub file",
				    item);
		else
			strv_add(&ret->comments, item);
	}
	return r;
}

/* Public keys as text: with them ssh finds the agent's key that a host's IdentityFile means. */
static void add_keys(const struct facts *f, const struct ssh_choice *choice, struct arena *a,
		     struct spec *s, struct strv *ret_shown)
{
	const char *dir = arena_printf(a, "%s/.ssh", f->home);

	for (size_t i = 0; i < f->n_texts; i++) {
		const struct text_fact *text = &f->texts[i];
		struct ssh_public key;

		if (text->is_config || !path_below(text->path, dir) ||
		    ssh_public_read(text->text, text->len, a, &key) < 0 ||
		    !ssh_key_chosen(choice, key.key,
				    (struct ssh_bytes){ (const uint8_t *)key.comment,
							strlen(key.comment) }))
			continue;
		strv_add(ret_shown, text->path);
		spec_mount(s, a,
			   (struct mount){ .kind = MOUNT_TEXT,
					   .dst = text->path,
					   .text = key.line,
					   .mode = 0444,
					   .share = "ssh-keys",
					   .why = "public key, to find it in the agent" });
	}
}

static int add_config(const struct facts *f, const struct text_fact *text, const struct strv *shown,
		      struct arena *a, struct spec *s, struct err *e)
{
	auto_buf struct buf out = BUF_INIT(CONFIG_MAX);
	struct ssh_config config = { .file = text->path,
				     .home = f->home,
				     .keys = shown,
				     .arena = a,
				     .out = &out,
				     .dropped = STRV_INIT(a),
				     .includes = STRV_INIT(a),
				     .named = STRV_INIT(a) };
	int r = ssh_config_clean(&config, text->text, text->len, e);

	if (r < 0)
		return r;
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_TEXT,
				   .dst = text->path,
				   .text = arena_strdup(a, buf_text(&out)),
				   .mode = 0444,
				   .share = "ssh-config",
				   .why = "ssh's configuration, harmless keywords only" });
	for (size_t i = 0; i < config.dropped.n; i++) {
		const char *line =
			arena_printf(a, "ssh: %s is not passed on", config.dropped.items[i]);

		if (!strv_has(&s->details, line))
			strv_add(&s->details, line);
	}
	return 0;
}

static int find_asker(const struct facts *f, struct arena *a, struct ssh_guard *guard,
		      struct err *e)
{
	for (size_t i = 0; i < N_ELEMENTS(askers) && !guard->confirm; i++) {
		const char *path = share_expand(askers[i], f, a);
		const struct path_fact *fact = facts_path(f, path ? path : "/");

		/* What the sandbox can write must not answer in the person's place. */
		if (fact->kind == PATH_FILE && fact->real && !path_below(fact->real, f->project) &&
		    !path_below(path, f->project))
			guard->confirm = fact->real;
	}
	if (!guard->confirm)
		return err_set(e, ENOENT,
			       "ssh_agent_confirm: there is no program that could ask you; install "
			       "ssh-askpass, or set SSH_ASKPASS to the absolute path of such a "
			       "program");
	guard->confirm_env = STRV_INIT(a);
	strv_addn(&guard->confirm_env, f->env.items, f->env.n);
	env_set(&guard->confirm_env, "SSH_ASKPASS_PROMPT", "confirm");
	return 0;
}

static int add_guard(const struct config *c, const struct facts *f, const char *socket,
		     struct arena *a, struct spec *s, struct err *e)
{
	struct ssh_guard *guard = &s->ssh;
	int r = 0;

	if (strlen(socket) >= SOCKET_PATH_MAX)
		return err_set(e, ENAMETOOLONG,
			       "SSH_AUTH_SOCK: %s is too long for the path of a socket; start the "
			       "agent with a shorter one",
			       socket);
	if (c->ssh_agent_confirm)
		r = find_asker(f, a, guard, e);
	if (r < 0)
		return r;
	guard->socket = socket;
	guard->max_signatures = c->ssh_agent_max_signatures;
	guard->signs_anything = c->ssh_agent_sign_anything || c->ssh_agent == AGENT_RAW;
	guard->log = arena_printf(a, "%s/ssh/agent.jsonl", s->state);
	spec_dir(s, a,
		 (struct host_dir){ arena_printf(a, "%s/ssh", s->state), "log of the agent" });
	spec_env(s, a,
		 (struct env_var){ .name = "SSH_AUTH_SOCK", .value = SOCKET_INSIDE, .why = WHY });
	spec_service(s, a,
		     (struct service_want){ .service = SERVICE_AGENT,
					    .type = SOCK_STREAM,
					    .path = SOCKET_INSIDE,
					    .why = WHY });
	if (c->ssh_agent == AGENT_RAW)
		strv_add(&s->details,
			 "ssh agent: raw is guarded in a container, since an agent serves no "
			 "programs "
			 "of another user: keys are listed and everything is signed, and no more");
	strv_add(&s->details,
		 arena_printf(a,
			      "ssh agent: guarded; %zu of its keys are named in ssh_agent_keys%s; "
			      "what is done with them is written to %s",
			      c->ssh_agent_keys.n, c->ssh_agent_keys.n ? "" : ", so all are used",
			      guard->log));
	return 0;
}

static int check_raw(const struct config *c, struct err *e)
{
	if (c->ssh_agent != AGENT_RAW ||
	    (c->ssh_agent_keys.n == 0 && !c->ssh_agent_confirm && c->ssh_agent_max_signatures == 0))
		return 0;
	return err_set(e, EINVAL,
		       "ssh_agent raw lets the sandbox do all that the agent can, whatever "
		       "ssh_agent_keys, ssh_agent_confirm or ssh_agent_max_signatures say; use "
		       "--ssh-agent guarded");
}

int spec_add_ssh(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		 struct err *e)
{
	const char *socket = share_expand("$SSH_AUTH_SOCK", f, a);
	bool have_agent = socket && facts_path(f, socket)->kind == PATH_SOCKET;
	struct strv shown = STRV_INIT(a);
	int r = check_raw(c, e);

	if (r == 0 && c->ssh_agent != AGENT_NONE)
		r = choose(c, f, a, &s->ssh.choice, e);
	if (r < 0)
		return r;
	if (c->ssh_files == SSH_CLEANED) {
		if (c->ssh_agent != AGENT_NONE && have_agent)
			add_keys(f, &s->ssh.choice, a, s, &shown);
		for (size_t i = 0; i < f->n_texts && r == 0; i++)
			if (f->texts[i].is_config)
				r = add_config(f, &f->texts[i], &shown, a, s, e);
	}
	if (r == 0 && ssh_is_guarded(c) && have_agent)
		r = add_guard(c, f, socket, a, s, e);
	return r;
}
