/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the text: a path is clean and lies in it, and no byte past the end is read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cgroup_text.h"
#include "base/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { NULL, "memory", "cpu", "", "name=systemd" };
	auto_arena struct arena a = ARENA_INIT;
	char *text = malloc(size); /* exactly as long, for the address sanitizer */
	uint64_t value;

	if (!text && size > 0)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = cgroup_text_path(text, size, names[i], &a);

		if (path && (!path_is_clean(path) || !memmem(text, size, path, strlen(path))))
			abort();
		if (names[i]) {
			(void)cgroup_text_value(text, size, names[i], &value);
			(void)cgroup_text_word(text, size, names[i]);
		}
	}
	free(text);
	return 0;
}
