/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles the filter of every policy while the program is built, and prints them as a C file: so
 * that a start does not compile one, unless the user names calls of his own.
 */
#include <stdio.h>

#include <linux/filter.h>

#include "base/auto.h"
#include "run/seccomp.h"

static int print_filter(unsigned relax)
{
	auto_arena struct arena a = ARENA_INIT;
	const struct seccomp_policy policy = { .rules = seccomp_base,
					       .relax = relax,
					       .extra = STRV_INIT(&a) };
	const struct sock_filter *code;
	struct err e;
	void *bpf;
	size_t size;

	if (seccomp_compile(&policy, &a, &bpf, &size, &e) < 0) {
		(void)fprintf(stderr, "filters: %s\n", e.msg);
		return -1;
	}
	code = bpf;
	(void)printf("static const struct sock_filter policy_%u[] = {\n", relax);
	for (size_t i = 0; i < size / sizeof(*code); i++)
		(void)printf("\t{ 0x%x, %u, %u, 0x%x },\n", code[i].code, code[i].jt, code[i].jf,
			     code[i].k);
	(void)puts("};\n");
	return 0;
}

int main(void)
{
	(void)puts("/* Made by tools/filters.c from spec/seccomp.c. */\n"
		   "#include <linux/filter.h>\n\n#include \"run/walls.h\"\n");
	for (unsigned relax = 0; relax < N_SECCOMP_POLICIES; relax++)
		if (print_filter(relax) < 0)
			return 1;
	(void)puts("const struct walls_prebuilt walls_prebuilt[N_SECCOMP_POLICIES] = {");
	for (unsigned relax = 0; relax < N_SECCOMP_POLICIES; relax++)
		(void)printf("\t{ policy_%u, sizeof(policy_%u) },\n", relax, relax);
	(void)puts("};");
	return fflush(stdout) != 0;
}
