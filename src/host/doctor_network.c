/* SPDX-License-Identifier: Apache-2.0 */
/* What networks of a sandbox's own take: packet rules of the kernel; for nat also pasta and its device. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "host/doctor_parts.h"

#define LIST_MAX ((size_t)16 << 20)

/* No sandbox starts without what its network needs; what another mode would need is merely missing. */
static struct finding lacks(const struct doctor *d, bool is_needed, const char *mode,
			    const char *detail, const char *remedy)
{
	if (is_needed)
		return finding_fail(detail, remedy);
	return finding_warn(arena_printf(d->a, "%s, so there is no --network %s", detail, mode),
			    remedy);
}

static struct finding lacks_nat(const struct doctor *d, const char *detail, const char *remedy)
{
	return lacks(d, d->c->network == NETWORK_NAT, "nat", detail, remedy);
}

struct finding check_pasta(const struct doctor *d)
{
	const char *detail;

	if (doctor_finds(d, "pasta", d->f->pasta, &detail))
		return finding_pass(detail);
	return lacks_nat(d, detail, "sudo apt install passt");
}

struct finding check_tun(const struct doctor *d)
{
	const char *path = path_join(d->a, d->root, "dev/net/tun");
	auto_fd int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	int code = errno;
	const char *detail;

	if (fd >= 0)
		return finding_pass("/dev/net/tun can be opened");
	detail = arena_printf(d->a, "/dev/net/tun cannot be opened: %s", strerrordesc_np(code));
	return lacks_nat(d, detail,
			 code == EACCES || code == EPERM
				 ? "sudo chmod 0666 /dev/net/tun, its usual mode"
				 : "sudo modprobe tun; if this is a container, start it with "
				   "--device /dev/net/tun");
}

/* The modules that this kernel has, in it or beside it. False: it keeps no list. */
static bool read_lists(const struct doctor *d, const char *ret[static 2])
{
	static const char *const lists[] = { "builtin", "dep" };
	struct utsname uts;
	bool has_any = false;

	if (uname(&uts) < 0)
		return false;
	for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
		const char *path = path_join(
			d->a, d->root,
			arena_printf(d->a, "lib/modules/%s/modules.%s", uts.release, lists[i]));
		struct err ignored; /* in a container there is none */
		char *text = NULL;
		size_t len;

		ret[i] = "";
		if (io_read_file(AT_FDCWD, path, LIST_MAX, false, d->a, &text, &len, &ignored) < 0)
			continue;
		ret[i] = text;
		has_any = true;
	}
	return has_any;
}

/* Asked of the lists, as to try them would take a namespace and the rules themselves. */
struct finding check_packet_rules(const struct doctor *d)
{
	static const struct {
		const char *name; /* as it stands after a slash, whatever follows */
		bool for_filtered;
	} modules[] = {
		{ "/nft_chain_nat", true },
		{ "/nft_redir", true },
		{ "/nft_reject_inet", false },
	};
	const char *lists[2];
	unsigned network = d->c->network;

	if (!read_lists(d, lists))
		return finding_pass("not known: no list of this kernel's modules is here");
	for (size_t i = 0; i < N_ELEMENTS(modules); i++) {
		bool filtered = modules[i].for_filtered;

		if (strstr(lists[0], modules[i].name) || strstr(lists[1], modules[i].name))
			continue;
		return lacks(
			d, network == (filtered ? NETWORK_FILTERED : NETWORK_NAT),
			filtered ? "filtered" : "nat",
			arena_printf(d->a, "this kernel has no module %s", modules[i].name + 1),
			"install the package with all modules of this kernel (on Ubuntu "
			"linux-modules-extra), or use a kernel with CONFIG_NF_TABLES");
	}
	return finding_pass("this kernel has them");
}
