/* SPDX-License-Identifier: Apache-2.0 */
/* What a container has that other backends have not, and the other way round. */
#include <string.h>

#include "spec/spec.h"

#define PROJECT "/project"

void spec_contain(const struct config *c, struct arena *a, struct spec *s)
{
	if (c->backend != BACKEND_CONTAINER)
		return;
	if (strcmp(s->project, PROJECT) != 0)
		spec_mount(s, a,
			   (struct mount){ .kind = MOUNT_SYMLINK,
					   .src = s->project,
					   .dst = PROJECT,
					   .why = "the project under a fixed name" });
	strv_add(&s->details,
		 "container: on the host its processes have ids that are nobody's; so a file that "
		 "is standard input, output or error can be used, and not opened again by "
		 "/dev/stdin, /dev/stdout or /dev/stderr, and the rights of your other groups do "
		 "not hold");
	if (c->gpu)
		strv_add(&s->details,
			 "gpu: not in a container, whose user is nobody to the host's devices; use "
			 "--backend bubblewrap");
}
